#include "controller/notify/base64_text.h"

#include <openssl/evp.h>

#include <vector>

namespace controller {

std::string base64_text(std::string_view bytes) {
  const std::vector<unsigned char> in(bytes.begin(), bytes.end());
  std::vector<unsigned char> out((bytes.size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(out.data(), in.data(), static_cast<int>(in.size()));
  return {out.begin(), out.begin() + size};
}

}  // namespace controller
