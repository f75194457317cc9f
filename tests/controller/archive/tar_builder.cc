#include "tests/controller/archive/tar_builder.h"

#include <algorithm>
#include <cstdio>

namespace controller {
namespace {

constexpr std::size_t kBlock = 512;

void put(std::string& block, std::size_t at, const std::string& field, std::size_t width) {
  std::copy_n(field.begin(), std::min(field.size(), width),
              block.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string octal(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 3U) {
    *digit = static_cast<char>('0' + (number & 7U));
  }
  return text;
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return bytes;
}

}  // namespace

TarBuilder& TarBuilder::add(const RawEntry& entry) {
  std::string block(kBlock, '\0');
  put(block, 0, entry.name, 100);
  put(block, 100, octal(entry.mode, 7), 8);
  put(block, 108, octal(0, 7), 8);
  put(block, 116, octal(0, 7), 8);
  put(block, 124, entry.size_field.empty() ? octal(entry.content.size(), 11) : entry.size_field,
      12);
  put(block, 136, octal(1'000'000'000, 11), 12);
  put(block, 148, "        ", 8);
  block[156] = entry.type;
  put(block, 157, entry.link, 100);
  put(block, 257,
      std::string("ustar\0"
                  "00",
                  8),
      8);
  unsigned sum = 0;
  for (const char c : block) {
    sum += static_cast<unsigned char>(c);
  }
  put(block, 148, octal(sum, 6) + std::string("\0 ", 2), 8);
  bytes_ += block + padded(entry.content);
  return *this;
}

TarBuilder& TarBuilder::file(const std::string& name, const std::string& content) {
  return add({name, '0', content, "", 0644, ""});
}

TarBuilder& TarBuilder::directory(const std::string& name) {
  return add({name, '5', "", "", 0755, ""});
}

TarBuilder& TarBuilder::symlink(const std::string& name, const std::string& target) {
  return add({name, '2', "", target, 0777, ""});
}

TarBuilder& TarBuilder::hardlink(const std::string& name, const std::string& target) {
  return add({name, '1', "", target, 0644, ""});
}

TarBuilder& TarBuilder::pax(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string content;
  for (const auto& [key, value] : records) {
    const std::string record = " " + key + "=" + value + "\n";
    std::size_t size = record.size() + 1;
    while (std::to_string(size).size() + record.size() != size) {
      size = std::to_string(size).size() + record.size();
    }
    content += std::to_string(size) + record;
  }
  return add({"pax", 'x', content, "", 0644, ""});
}

TarBuilder& TarBuilder::raw(const std::string& bytes) {
  bytes_ += bytes;
  return *this;
}

std::string TarBuilder::archive() const {
  return bytes_ + std::string(2 * kBlock, '\0');
}

}  // namespace controller
