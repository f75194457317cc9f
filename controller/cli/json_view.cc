#include "controller/cli/json_view.h"

#include <cmath>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;
using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kInterval{250};

class JsonView : public Reporter {
 public:
  JsonView(bool quiet, JsonOutput output) : quiet_(quiet), output_(std::move(output)) {}

  void phase(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    if (!quiet_) {
      write({{"type", "phase"}, {"text", text}});
    }
  }

  void progress(const ComponentProgress& progress) override {
    const std::scoped_lock lock(mutex_);
    const Time now = output_.now();
    const auto [known, is_first] = components_.try_emplace(progress.component, Component{now, now});
    auto& component = known->second;
    if (quiet_ || (!is_first && !progress.finished && now - component.written < kInterval)) {
      return;
    }
    component.written = now;
    write(line(progress, now - component.began));
    if (progress.finished) {
      components_.erase(known);
    }
  }

  void warning(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    write({{"type", "warning"}, {"text", text}});
  }

  void output(const std::string& source, const std::string& line) override {
    const std::scoped_lock lock(mutex_);
    if (!quiet_) {
      write({{"type", "output"}, {"service", source}, {"text", line}});
    }
  }

 private:
  struct Component {
    Time began;
    Time written;
  };

  static Json line(const ComponentProgress& progress, std::chrono::duration<double> elapsed) {
    Json json = {{"type", "progress"},           {"component", progress.component},
                 {"bytes", progress.bytes},      {"total", progress.total},
                 {"entries", progress.entries},  {"bytes_per_second", 0},
                 {"finished", progress.finished}};
    if (elapsed.count() > 0) {
      json["bytes_per_second"] = static_cast<std::uint64_t>(
          std::llround(static_cast<double>(progress.bytes) / elapsed.count()));
    }
    return json;
  }

  void write(const Json& json) {
    output_.write(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  bool quiet_;
  JsonOutput output_;
  std::mutex mutex_;
  std::map<std::string, Component> components_;  // on their way
};

}  // namespace

std::unique_ptr<Reporter> make_json_view(bool quiet, JsonOutput output) {
  return std::make_unique<JsonView>(quiet, std::move(output));
}

}  // namespace controller
