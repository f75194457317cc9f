#include "controller/remote/object_body.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>

#include "controller/archive/sha256.h"

namespace controller {

std::string md5_base64(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> text{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  const auto length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

ObjectBody text_body(std::string text) {
  Sha256 sha256;
  sha256.add(text);
  ObjectBody body{{text.size(), {}}, sha256.hex(), md5_base64(text)};
  body.bytes.read = [text = std::move(text)](std::uint64_t offset, char* bytes, std::size_t most) {
    return text.copy(bytes, most, offset);
  };
  return body;
}

}  // namespace controller
