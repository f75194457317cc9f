#include "controller/access/credential.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

#include "controller/archive/sha256.h"

namespace controller {

namespace {

constexpr std::size_t kCredentialBytes = 32;
constexpr std::size_t kIdBytes = 6;

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  if (sodium_init() < 0) {
    throw std::runtime_error("libsodium has no source of random numbers");
  }
  std::array<unsigned char, Size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

Secret new_credential() {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  const auto bytes = random_bytes<kCredentialBytes>();
  std::array<char, sodium_base64_ENCODED_LEN(kCredentialBytes, kVariant)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  return Secret(text.data());
}

std::string new_access_id() {
  const auto bytes = random_bytes<kIdBytes>();
  std::array<char, 2 * kIdBytes + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

std::string credential_digest(const std::string& credential) {
  Sha256 digest;
  digest.add(credential);
  return digest.hex();
}

}  // namespace controller
