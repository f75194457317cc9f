#include "controller/remote/object_body.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <string_view>
#include <vector>

#include "controller/archive/artifact.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

/// MD5, which storage compares what came with.
class Md5 {
 public:
  Md5() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) != 1) {
      throw std::bad_alloc();
    }
  }

  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) {
      throw std::bad_alloc();
    }
  }

  std::string digest() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) != 1) {
      throw std::bad_alloc();
    }
    return {bytes.begin(), bytes.begin() + size};
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

std::string base64(const std::string& bytes) {
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> text{};
  const std::basic_string<unsigned char> raw(bytes.begin(), bytes.end());
  const auto length = EVP_EncodeBlock(text.data(), raw.data(), static_cast<int>(raw.size()));
  return {text.begin(), text.begin() + length};
}

std::string hex(const std::string& bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char one : bytes) {
    const auto byte = static_cast<unsigned char>(one);
    text += {kDigits[byte >> 4U], kDigits[byte & 0x0FU]};
  }
  return text;
}

void put_md5(Md5& md5, ObjectBody& body) {
  const auto digest = md5.digest();
  body.md5 = hex(digest);
  body.md5_base64 = base64(digest);
}

std::size_t read_at(const OpenFile& file, std::uint64_t offset, char* bytes, std::size_t most) {
  while (true) {
    const auto got = ::pread(file.descriptor.fd(), bytes, most, static_cast<off_t>(offset));
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (got == 0) {
      throw IntegrityError(file.path.string() + " is shorter than it was when it was written");
    }
    if (errno != EINTR) {
      throw_errno("read", file.path);
    }
  }
}

}  // namespace

ObjectBody text_body(std::string text) {
  Sha256 sha256;
  sha256.add(text);
  Md5 md5;
  md5.add(text);
  ObjectBody body;
  body.sha256 = sha256.hex();
  put_md5(md5, body);
  body.bytes.size = text.size();
  body.bytes.read = [text = std::move(text)](std::uint64_t offset, char* bytes, std::size_t most) {
    return text.copy(bytes, most, offset);
  };
  return body;
}

ObjectBody file_body(const std::shared_ptr<const OpenFile>& file, const FilePart& part,
                     BodyDigests digests, Sha256& whole) {
  constexpr std::size_t kPiece = std::size_t{256} << 10U;  // stays in the processor's cache
  Sha256 sha256;
  Md5 md5;
  std::vector<char> piece(static_cast<std::size_t>(std::min<std::uint64_t>(part.bytes, kPiece)));
  for (std::uint64_t done = 0; done < part.bytes;) {
    const auto most =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), part.bytes - done));
    const std::string_view bytes(piece.data(),
                                 read_at(*file, part.offset + done, piece.data(), most));
    if (digests == BodyDigests::Md5AndSha256) {
      sha256.add(bytes);
    }
    md5.add(bytes);
    whole.add(bytes);
    done += bytes.size();
  }
  ObjectBody body;
  body.sha256 = digests == BodyDigests::Md5AndSha256 ? sha256.hex() : "";
  put_md5(md5, body);
  body.bytes.size = part.bytes;
  body.bytes.read = [file, part](std::uint64_t at, char* bytes, std::size_t most) {
    const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(most, part.bytes - at));
    return left == 0 ? 0 : read_at(*file, part.offset + at, bytes, left);
  };
  return body;
}

}  // namespace controller
