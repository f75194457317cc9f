#include "controller/snapshot/manifest_head.h"

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controller/snapshot/byte_escapes.h"

namespace controller {
namespace {

using Json = nlohmann::json;

/// Hears the parser until all is known.  A member function that returns false ends the parsing.
class HeadListener : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

  bool string(string_t& value) override {
    if (depth_ == 1 && (key_ == "project" || key_ == "created_at" || key_ == "status")) {
      values_[key_] = value;
    }
    return !complete();
  }

  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      key_ = name;
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  [[nodiscard]] bool complete() const { return values_.size() == 3; }

  [[nodiscard]] ManifestHead head() const {
    return {unescape_bytes(values_.at("project")), unescape_bytes(values_.at("created_at")),
            values_.at("status")};
  }

 private:
  bool enter() {
    ++depth_;
    return true;
  }

  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  std::string key_;  // of the outermost object
  std::map<std::string, std::string> values_;
};

}  // namespace

std::optional<ManifestHead> manifest_head_from(std::string_view start) {
  HeadListener listener;
  Json::sax_parse(start, &listener);
  if (!listener.complete()) {
    return std::nullopt;
  }
  try {
    return listener.head();
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace controller
