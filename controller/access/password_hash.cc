#include "controller/access/password_hash.h"

#include <sodium.h>

#include <array>
#include <semaphore>
#include <stdexcept>

namespace controller {

namespace {

constexpr int kAtOnce = 2;

void prepare() {
  if (sodium_init() < 0) {
    throw std::runtime_error("libsodium has no source of random numbers");
  }
}

/// One of the places where a hash is made.
class HashPlace {
 public:
  HashPlace() { places().acquire(); }
  HashPlace(const HashPlace&) = delete;
  HashPlace& operator=(const HashPlace&) = delete;
  ~HashPlace() { places().release(); }

 private:
  static std::counting_semaphore<kAtOnce>& places() {
    static std::counting_semaphore<kAtOnce> all(kAtOnce);
    return all;
  }
};

}  // namespace

std::string hash_password(const Secret& password, const HashCost& cost) {
  prepare();
  const HashPlace place;
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const auto& plain = password.reveal();
  if (crypto_pwhash_str_alg(text.data(), plain.data(), plain.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::runtime_error("there is no memory for hashing a password");
  }
  return text.data();
}

bool password_matches(const std::string& hash, const Secret& password) {
  prepare();
  const HashPlace place;
  const auto& plain = password.reveal();
  return crypto_pwhash_str_verify(hash.c_str(), plain.data(), plain.size()) == 0;
}

bool is_outdated(const std::string& hash, const HashCost& cost) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory) != 0;
}

}  // namespace controller
