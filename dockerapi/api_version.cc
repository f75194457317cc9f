#include <algorithm>
#include <charconv>

#include "dockerapi/error.h"
#include "dockerapi/http_engine.h"

namespace dockerapi {

namespace {

constexpr int kOldest = 41;  // of 1.x
constexpr int kNewest = 45;

}  // namespace

std::string agreed_version(const std::string& offered) {
  const std::string major = "1.";
  // An engine that names none is as old as that.
  int minor = offered.empty() ? 24 : -1;
  if (offered.starts_with(major)) {
    std::from_chars(offered.data() + major.size(), offered.data() + offered.size(), minor);
  }
  if (minor < kOldest) {
    throw Error("cannot use this engine: it speaks API " + (offered.empty() ? "1.24" : offered) +
                ", but at least " + major + std::to_string(kOldest) +
                " (Docker Engine 20.10) is needed");
  }
  return major + std::to_string(std::min(minor, kNewest));
}

}  // namespace dockerapi
