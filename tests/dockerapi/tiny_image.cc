#include "tests/dockerapi/tiny_image.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace dockerapi_test {

namespace {

constexpr std::size_t kBlock = 512;

std::string padded(std::string text) {
  text.resize((text.size() + kBlock - 1) / kBlock * kBlock);
  return text;
}

/// A ustar header; see POSIX pax(1).
std::string header(const std::string& name, std::size_t size) {
  std::array<char, kBlock> block{};
  const auto put = [&block](std::size_t at, const std::string& text) {
    std::memcpy(block.data() + at, text.data(), text.size());
  };
  const auto octal = [&put](std::size_t at, std::size_t value) {
    std::array<char, 12> digits{};
    std::snprintf(digits.data(), digits.size(), "%011zo", value);
    put(at, digits.data());
  };
  put(0, name);
  put(100, "0000755");
  put(108, "0000000");
  put(116, "0000000");
  octal(124, size);
  octal(136, 0);
  put(148, "        ");
  put(156, "0");
  put(257, std::string("ustar\00000", 8));
  const auto sum = std::accumulate(block.begin(), block.end(), 0U, [](unsigned total, char byte) {
    return total + static_cast<unsigned char>(byte);
  });
  std::array<char, 8> checksum{};
  std::snprintf(checksum.data(), checksum.size(), "%06o", sum);
  put(148, std::string(checksum.data(), 7));
  return {block.begin(), block.end()};
}

}  // namespace

std::string tar_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string tar;
  for (const auto& [name, content] : files) {
    tar += header(name, content.size()) + padded(content);
  }
  return tar + std::string(2 * kBlock, '\0');
}

std::string busybox_binary() {
  const char* chosen = std::getenv("COFFERDAM_TEST_BUSYBOX");
  std::ifstream file(chosen == nullptr ? kBusybox : chosen, std::ios::binary);
  if (!file) {
    throw std::runtime_error("no static busybox: install Debian's busybox-static");
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::function<std::string_view()> in_pieces(const std::string& bytes, std::size_t piece) {
  auto at = std::make_shared<std::size_t>(0);
  return [&bytes, piece, at] {
    const auto next = std::string_view(bytes).substr(*at, piece);
    *at += next.size();
    return next;
  };
}

void ensure_tiny_image(dockerapi::Engine& engine) {
  try {
    engine.inspect_image(kTinyImage);
  } catch (const dockerapi::NotFound&) {
    const auto tar = tar_of({{"bin/busybox", busybox_binary()}, {"data/from-image", "x"}});
    engine.import_image(in_pieces(tar, 100'000), "cofferdam-test/busybox", "1", {"LABEL tiny=yes"});
  }
}

}  // namespace dockerapi_test
