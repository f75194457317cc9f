#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controller/archive/sha256.h"
#include "controller/notify/base64_text.h"
#include "controller/notify/notify_request.h"
#include "controller/notify/notify_url.h"
#include "controller/remote/hmac.h"
#include "controller/remote/sigv4.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;
using Kind = NotifyKind;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What came of it, for those that know three colours.
enum class Tone { Neutral, Good, Warning, Bad };

Tone tone_of(Kind kind) {
  switch (kind) {
    case Kind::Success:
    case Kind::Recovered:
      return Tone::Good;
    case Kind::Degraded:
    case Kind::StorageLow:
      return Tone::Warning;
    case Kind::Failed:
    case Kind::Overdue:
      return Tone::Bad;
    case Kind::Started:
    case Kind::Cancelled:
    case Kind::Test:
      return Tone::Neutral;
  }
  return Tone::Neutral;
}

int priority_of(const NotifyTarget& target, int otherwise) {
  const auto found = target.options.find("priority");
  return found == target.options.end() ? otherwise : std::stoi(found->second);
}

WebRequest post(const NotifyTarget& target, std::string body, const std::string& type) {
  WebRequest request{"POST", Secret(target.origin + target.path.reveal()), {}, std::move(body)};
  request.headers.emplace("Content-Type", type);
  if (!target.user.empty()) {
    request.headers["Authorization"] =
        Secret("Basic " + base64_text(target.user.reveal() + ":" + target.password.reveal()));
  }
  return request;
}

WebRequest post_json(const NotifyTarget& target, const Json& json) {
  return post(target, dumped(json), "application/json");
}

WebRequest for_webhook(const NotifyTarget& target, const NotifyEvent& event,
                       const NotifyAttempt& attempt) {
  auto request = post(target, to_json(event), "application/json");
  request.headers.emplace("X-Cofferdam-Event", to_string(event.kind));
  request.headers.emplace("X-Cofferdam-Delivery", attempt.delivery);
  if (!target.signing_key.empty()) {
    const auto seconds = std::to_string(attempt.at.time_since_epoch().count());
    request.headers.emplace("X-Cofferdam-Timestamp", seconds);
    request.headers.emplace("X-Cofferdam-Signature",
                            "sha256=" + hex_text(hmac_sha256(target.signing_key.reveal(),
                                                             seconds + "." + request.body)));
  }
  return request;
}

WebRequest for_ntfy(const NotifyTarget& target, const NotifyEvent& event) {
  constexpr int kDefault = 3;
  constexpr int kHigh = 4;
  Json json = {
      {"topic", target.token.reveal()},
      {"title", title_of(event)},
      {"message", text_of(event)},
      {"priority", priority_of(target, tone_of(event.kind) == Tone::Bad ? kHigh : kDefault)}};
  if (const auto tags = target.options.find("tags"); tags != target.options.end()) {
    json["tags"] = listed_words(tags->second);
  }
  auto request = post_json(target, json);
  if (target.user.empty() && !target.password.empty()) {
    request.headers["Authorization"] = Secret("Bearer " + target.password.reveal());
  }
  return request;
}

WebRequest for_gotify(const NotifyTarget& target, const NotifyEvent& event) {
  constexpr int kDefault = 4;
  constexpr int kHigh = 8;
  auto request = post_json(
      target,
      {{"title", title_of(event)},
       {"message", text_of(event)},
       {"priority", priority_of(target, tone_of(event.kind) == Tone::Bad ? kHigh : kDefault)}});
  request.headers["X-Gotify-Key"] = target.token;
  return request;
}

WebRequest for_discord(const NotifyTarget& target, const NotifyEvent& event) {
  constexpr int kGrey = 0x95A5A6;
  constexpr int kGreen = 0x2ECC71;
  constexpr int kYellow = 0xF1C40F;
  constexpr int kRed = 0xE74C3C;
  const auto tone = tone_of(event.kind);
  const int colour = tone == Tone::Good      ? kGreen
                     : tone == Tone::Warning ? kYellow
                     : tone == Tone::Bad     ? kRed
                                             : kGrey;
  constexpr std::size_t kMost = 4000;  // of a description, in characters; Discord refuses more
  return post_json(target,
                   {{"username", "Cofferdam"},
                    {"embeds", Json::array({{{"title", title_of(event)},
                                             {"description", text_of(event).substr(0, kMost)},
                                             {"color", colour}}})},
                    {"allowed_mentions", {{"parse", Json::array()}}}});
}

/// Slack gives a meaning to these three.
std::string for_slack_text(const std::string& text) {
  std::string escaped;
  for (const char one : text) {
    escaped += one == '&'   ? "&amp;"
               : one == '<' ? "&lt;"
               : one == '>' ? "&gt;"
                            : std::string(1, one);
  }
  return escaped;
}

WebRequest for_slack(const NotifyTarget& target, const NotifyEvent& event) {
  return post_json(target, {{"text", for_slack_text(title_of(event) + "\n" + text_of(event))}});
}

WebRequest for_telegram(const NotifyTarget& target, const NotifyEvent& event) {
  constexpr std::size_t kMost = 4000;  // Telegram refuses more than 4096 characters
  return post_json(target, {{"chat_id", target.options.at("chat")},
                            {"text", (title_of(event) + "\n" + text_of(event)).substr(0, kMost)},
                            {"disable_web_page_preview", true}});
}

WebRequest for_apprise(const NotifyTarget& target, const NotifyEvent& event) {
  static constexpr std::array<const char*, 4> kTypes = {"info", "success", "warning", "failure"};
  Json json = {{"title", title_of(event)},
               {"body", text_of(event)},
               {"type", kTypes.at(static_cast<std::size_t>(tone_of(event.kind)))}};
  if (const auto tag = target.options.find("tag"); tag != target.options.end()) {
    json["tag"] = tag->second;
  }
  return post_json(target, json);
}

/// A UUID that the pings of one job have in common.
std::string run_id(const NotifyEvent& event) {
  Sha256 digest;
  digest.add(event.host + "/" + event.job);
  auto text = digest.hex().substr(0, 32);
  text[12] = '4';  // as if it was random, RFC 4122
  text[16] = '8';
  for (const std::size_t at : {20U, 16U, 12U, 8U}) {
    text.insert(at, "-");
  }
  return text;
}

std::string ping_of(Kind kind) {
  switch (kind) {
    case Kind::Started:
      return "/start";
    case Kind::Success:
    case Kind::Recovered:
      return "";
    case Kind::Degraded:  // less than was asked for is no success
    case Kind::Failed:
    case Kind::Overdue:
      return "/fail";
    case Kind::Cancelled:
    case Kind::StorageLow:
    case Kind::Test:
      return "/log";
  }
  return "/log";
}

WebRequest for_healthchecks(const NotifyTarget& target, const NotifyEvent& event) {
  auto request = post(target, title_of(event) + "\n" + text_of(event), "text/plain; charset=utf-8");
  request.url = Secret(request.url.reveal() + ping_of(event.kind) +
                       (event.job.empty() ? "" : "?rid=" + run_id(event)));
  return request;
}

std::optional<WebRequest> for_uptime_kuma(const NotifyTarget& target, const NotifyEvent& event) {
  if (event.kind == Kind::Started || event.kind == Kind::Cancelled ||
      event.kind == Kind::StorageLow) {
    return std::nullopt;
  }
  const bool up =
      event.kind == Kind::Success || event.kind == Kind::Recovered || event.kind == Kind::Test;
  return WebRequest{"GET",
                    Secret(target.origin + target.path.reveal() + "?status=" +
                           (up ? "up" : "down") + "&msg=" + uri_encoded(title_of(event)) +
                           "&ping=" + std::to_string(std::llround(event.seconds * 1000))),
                    {},
                    {}};
}

}  // namespace

std::optional<WebRequest> web_request(const NotifyTarget& target, const NotifyEvent& event,
                                      const NotifyAttempt& attempt) {
  switch (target.service) {
    case NotifyService::Webhook:
      return for_webhook(target, event, attempt);
    case NotifyService::Ntfy:
      return for_ntfy(target, event);
    case NotifyService::Gotify:
      return for_gotify(target, event);
    case NotifyService::Discord:
      return for_discord(target, event);
    case NotifyService::Slack:
      return for_slack(target, event);
    case NotifyService::Telegram:
      return for_telegram(target, event);
    case NotifyService::Apprise:
      return for_apprise(target, event);
    case NotifyService::Healthchecks:
      return for_healthchecks(target, event);
    case NotifyService::UptimeKuma:
      return for_uptime_kuma(target, event);
    case NotifyService::Smtp:
      break;
  }
  throw std::logic_error("a mail server is not asked by HTTP");
}

}  // namespace controller
