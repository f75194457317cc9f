#include "controller/cli/handed_job.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\0', at);
    if (end == std::string::npos) {
      return {};  // it was cut
    }
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<std::size_t> count_of(const std::string& text) {
  std::size_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(count)
                                                                    : std::nullopt;
}

}  // namespace

// The folder, how many words there are, the words, the environment; each with a NUL behind it.
std::string to_message(const JobRequest& request) {
  std::string text;
  const auto add = [&](const std::string& part) { text.append(part).push_back('\0'); };
  add(request.folder.native());
  add(std::to_string(request.words.size()));
  for (const auto* list : {&request.words, &request.environment}) {
    for (const auto& part : *list) {
      add(part);
    }
  }
  return text;
}

std::optional<JobRequest> request_of_message(const std::string& text) {
  constexpr std::size_t kFixed = 2;
  const auto parts = parts_of(text);
  const auto words = parts.size() < kFixed ? std::nullopt : count_of(parts[1]);
  if (!words || *words > parts.size() - kFixed) {
    return std::nullopt;
  }
  const auto first = parts.begin() + kFixed;
  const auto middle = first + static_cast<std::ptrdiff_t>(*words);
  return JobRequest{{first, middle}, {middle, parts.end()}, parts[0]};
}

std::string to_message(const JobNotice& notice) {
  Json json = Json::object();
  if (!notice.job.empty()) {
    json["job"] = notice.job;
    json["state"] = notice.state;
  }
  if (notice.exit_code) {
    json["exit_code"] = *notice.exit_code;
  }
  if (!notice.problem.empty()) {
    json["problem"] = notice.problem;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

JobNotice notice_of_message(const std::string& text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return {};
  }
  JobNotice notice{json.value("job", ""), json.value("state", ""), {}, json.value("problem", "")};
  if (json.contains("exit_code")) {
    notice.exit_code = json.value("exit_code", 0);
  }
  return notice;
}

void HandedJob::say(const std::string& text) {
  if (connection_ && !send_message(connection_.fd(), text)) {
    connection_.reset();
  }
}

void HandedJob::refuse(const std::string& problem) {
  say(to_message(JobNotice{{}, {}, {}, problem}));
  connection_.reset();
}

void HandedJob::hear_command(bool ending) {
  const auto message = receive_message(connection_.fd());
  if (!message) {
    connection_.reset();
  } else if (process_) {
    if (message->text == kCancelMessage) {
      end();
    }
  } else if (ending) {
    refuse("cofferdam serve is ending and takes no more jobs");
  } else {
    start(*message);
  }
}

void HandedJob::start(const Message& message) {
  const auto request = request_of_message(message.text);
  std::array<int, 2> pipe{};
  if (!request) {
    connection_.reset();  // nobody of ours
    return;
  }
  if (!message.descriptors[2]) {
    refuse("cofferdam serve has no descriptors left; the job was not begun");
    return;
  }
  try {
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    }
    notices_ = FileDescriptor(pipe[0]);
    const FileDescriptor theirs(pipe[1]);
    const auto& given = message.descriptors;
    process_.emplace(*request, "cli",
                     JobChannels{given[0].fd(), given[1].fd(), given[2].fd(), theirs.fd()});
  } catch (const std::system_error& error) {
    notices_.reset();
    refuse(error.what());
  }
}

void HandedJob::hear_process() {
  std::array<char, 4096> bytes{};
  const auto size = ::read(notices_.fd(), bytes.data(), bytes.size());
  if (size < 0 && errno == EINTR) {
    return;
  }
  if (size > 0) {
    unfinished_.append(bytes.data(), static_cast<std::size_t>(size));
    for (auto end = unfinished_.find('\n'); end != std::string::npos;
         end = unfinished_.find('\n')) {
      say(unfinished_.substr(0, end));
      unfinished_.erase(0, end + 1);
    }
    return;
  }
  // It alone had the other end.
  notices_.reset();
  say(to_message(JobNotice{{}, {}, process_->wait(), {}}));
  process_.reset();
  connection_.reset();
}

void HandedJob::end() {
  if (process_) {
    process_->end();
  }
}

}  // namespace controller
