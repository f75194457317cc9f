#include "controller/notify/notify_url.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "controller/notify/url_parts.h"

namespace controller {

namespace {

using Fields = std::map<std::string, std::string>;
using Kind = NotifyKind;

[[noreturn]] void refuse(const UrlParts& url, const std::string& what) {
  throw std::invalid_argument(url.scheme + "://…: " + what);
}

/// Fields of a query; each is taken by whoever understands it.
class Query {
 public:
  Query(const UrlParts& url, std::string_view text) : url_(url), left_(url_fields(text)) {}

  std::string take(const std::string& name, const std::string& otherwise = {}) {
    const auto node = left_.extract(name);
    return node.empty() ? otherwise : node.mapped();
  }

  bool take_flag(const std::string& name) {
    const auto text = take(name, "no");
    if (text != "yes" && text != "no") {
      refuse(url_, name + " must be yes or no");
    }
    return text == "yes";
  }

  void finish() const {
    if (!left_.empty()) {
      refuse(url_, left_.begin()->first + " is unknown");
    }
  }

 private:
  const UrlParts& url_;
  Fields left_;
};

std::vector<std::string> segments_of(const UrlParts& url) {
  std::vector<std::string> segments;
  std::string_view rest = url.path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    if (end > 0) {
      segments.emplace_back(rest.substr(0, end));
    }
    rest.remove_prefix(end);
  }
  return segments;
}

/// The last segment of the path, and the path before it.
std::pair<std::string, std::string> last_segment(const UrlParts& url, const std::string& what) {
  auto segments = segments_of(url);
  if (segments.empty()) {
    refuse(url, what + " is missing from its end");
  }
  auto last = segments.back();
  segments.pop_back();
  std::string before;
  for (const auto& segment : segments) {
    before += "/" + segment;
  }
  return {before, last};
}

void place(NotifyTarget& target, const std::string& scheme, const std::string& authority,
           const std::string& host, const std::string& path) {
  target.origin = scheme + "://" + authority;
  target.host = host;
  target.path = Secret(path);
}

/// Where the URL's user is a login, and not a part of the path.
void take_login(NotifyTarget& target, const UrlParts& url) {
  target.user = Secret(url.user);
  target.password = Secret(url.password);
}

void place_at_host(NotifyTarget& target, const UrlParts& url, Query& query,
                   const std::string& path) {
  place(target, query.take_flag("disabletls") ? "http" : "https", url.authority, url.host, path);
}

void take_option(NotifyTarget& target, Query& query, const std::string& name) {
  if (auto value = query.take(name); !value.empty()) {
    target.options[name] = std::move(value);
  }
}

/// Both services that have priorities number them within these.
void take_priority(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_option(target, query, "priority");
  const auto found = target.options.find("priority");
  if (found != target.options.end() && found->second != "10" &&
      (found->second.size() != 1 || found->second < "0" || found->second > "9")) {
    refuse(url, "priority must be a number from 0 to 10");
  }
}

/// https://…, http://…, generic://…: the query is the service's.
void read_webhook(NotifyTarget& target, const UrlParts& url) {
  take_login(target, url);
  constexpr std::string_view kGeneric = "generic+";
  auto scheme = url.scheme.starts_with(kGeneric) ? url.scheme.substr(kGeneric.size()) : url.scheme;
  scheme = scheme == "generic" ? "https" : scheme;
  place(target, scheme, url.authority, url.host,
        (url.path.empty() ? "/" : url.path) + (url.query.empty() ? "" : "?" + url.query));
}

void read_ntfy(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_login(target, url);
  const auto [before, topic] = last_segment(url, "the topic");
  place_at_host(target, url, query, before + "/");
  target.token = Secret(percent_decoded(topic));
  take_priority(target, url, query);
  take_option(target, query, "tags");
}

void read_gotify(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_login(target, url);
  const auto [before, token] = last_segment(url, "the application's token");
  place_at_host(target, url, query, before + "/message");
  target.token = Secret(percent_decoded(token));
  take_priority(target, url, query);
}

void read_discord(NotifyTarget& target, const UrlParts& url) {
  if (url.user.empty()) {
    refuse(url, "the webhook's token is missing: discord://TOKEN@ID");
  }
  place(target, "https", "discord.com", "discord.com",
        "/api/webhooks/" + url.host + "/" + url.user);
}

void read_slack(NotifyTarget& target, const UrlParts& url) {
  auto token = url.password;
  if (url.user != "hook" || std::ranges::count(token, '-') != 2) {
    refuse(url, "the webhook's token is missing: slack://hook:T…-B…-…@webhook");
  }
  std::ranges::replace(token, '-', '/');
  place(target, "https", "hooks.slack.com", "hooks.slack.com", "/services/" + token);
}

void read_telegram(NotifyTarget& target, const UrlParts& url, Query& query) {
  if (url.user.empty() || url.password.empty()) {
    refuse(url, "the bot's token is missing: telegram://NUMBER:KEY@telegram?chats=…");
  }
  const auto path = "/bot" + url.user + ":" + url.password + "/sendMessage";
  if (url.host == "telegram") {
    place(target, "https", "api.telegram.org", "api.telegram.org", path);
  } else {
    place_at_host(target, url, query, path);
  }
  target.options["chats"] = query.take("chats");
  if (listed_words(target.options["chats"]).empty()) {
    refuse(url, "chats is missing");
  }
}

void read_apprise(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_login(target, url);
  const auto [before, key] = last_segment(url, "the configuration's key");
  place_at_host(target, url, query, before + "/notify/" + key);
  if (url.scheme == "apprise") {  // Apprise's own names: apprise:// and apprises://
    target.origin = "http://" + url.authority;
  }
  take_option(target, query, "tag");
}

void read_healthchecks(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_login(target, url);
  const auto [before, id] = last_segment(url, "the check's UUID");
  place_at_host(target, url, query, before + "/" + id);
}

void read_uptime_kuma(NotifyTarget& target, const UrlParts& url, Query& query) {
  const auto [before, token] = last_segment(url, "the monitor's push token");
  place_at_host(target, url, query, before + "/api/push/" + token);
}

void read_smtp(NotifyTarget& target, const UrlParts& url, Query& query) {
  take_login(target, url);
  target.options = {{"encryption", query.take("encryption", "auto")},
                    {"from", query.take("from", query.take("fromaddress"))},
                    {"to", query.take("to", query.take("toaddresses"))}};
  const auto& encryption = target.options["encryption"];
  if (encryption != "auto" && encryption != "none" && encryption != "starttls" &&
      encryption != "tls") {
    refuse(url, "encryption must be auto, none, starttls or tls");
  }
  for (const auto* name : {"from", "to"}) {
    const auto addresses = listed_words(target.options[name]);
    if (addresses.empty() || !std::ranges::all_of(addresses, [](const std::string& address) {
          return address.find('@') != std::string::npos &&
                 address.find_first_of("<>") == std::string::npos;
        })) {
      refuse(url, std::string(name) + " must be given, as NAME@HOST");
    }
  }
  const bool at_once = encryption == "tls" || url.scheme == "smtps" ||
                       (encryption == "auto" && url.authority.ends_with(":465"));
  place(target, at_once ? "smtps" : "smtp", url.authority, url.host, "");
}

struct Scheme {
  const char* name;
  NotifyService service;
};

constexpr std::array<Scheme, 16> kSchemes = {{{"https", NotifyService::Webhook},
                                              {"http", NotifyService::Webhook},
                                              {"generic", NotifyService::Webhook},
                                              {"generic+https", NotifyService::Webhook},
                                              {"generic+http", NotifyService::Webhook},
                                              {"ntfy", NotifyService::Ntfy},
                                              {"gotify", NotifyService::Gotify},
                                              {"discord", NotifyService::Discord},
                                              {"slack", NotifyService::Slack},
                                              {"telegram", NotifyService::Telegram},
                                              {"apprise", NotifyService::Apprise},
                                              {"apprises", NotifyService::Apprise},
                                              {"healthchecks", NotifyService::Healthchecks},
                                              {"uptimekuma", NotifyService::UptimeKuma},
                                              {"smtp", NotifyService::Smtp},
                                              {"smtps", NotifyService::Smtp}}};

NotifyService service_of(const UrlParts& url) {
  const auto* found = std::ranges::find(kSchemes, url.scheme, &Scheme::name);
  if (found == kSchemes.end()) {
    std::string known;
    for (const auto& scheme : kSchemes) {
      known += (known.empty() ? "" : ", ") + std::string(scheme.name);
    }
    throw std::invalid_argument("\"" + url.scheme + "://\" is no service; there are " + known);
  }
  return found->service;
}

void read_service(NotifyTarget& target, const UrlParts& url, Query& query) {
  switch (target.service) {
    case NotifyService::Webhook:
      return read_webhook(target, url);
    case NotifyService::Ntfy:
      return read_ntfy(target, url, query);
    case NotifyService::Gotify:
      return read_gotify(target, url, query);
    case NotifyService::Discord:
      return read_discord(target, url);
    case NotifyService::Slack:
      return read_slack(target, url);
    case NotifyService::Telegram:
      return read_telegram(target, url, query);
    case NotifyService::Apprise:
      return read_apprise(target, url, query);
    case NotifyService::Healthchecks:
      return read_healthchecks(target, url, query);
    case NotifyService::UptimeKuma:
      return read_uptime_kuma(target, url, query);
    case NotifyService::Smtp:
      return read_smtp(target, url, query);
  }
}

/// A monitor has to hear of every capture, and of captures alone: that a snapshot was deleted is no
/// proof that one was made.
void set_defaults(NotifyTarget& target) {
  target.name = to_string(target.service);
  target.kinds = {Kind::Degraded, Kind::Failed, Kind::Overdue};
  if (target.service == NotifyService::Healthchecks) {
    target.kinds.insert({Kind::Started, Kind::Success, Kind::Cancelled});
    target.jobs = {"create"};
  } else if (target.service == NotifyService::UptimeKuma) {
    target.kinds.insert(Kind::Success);
    target.jobs = {"create"};
  } else {
    target.kinds.insert({Kind::Recovered, Kind::StorageLow});
  }
}

void read_ours(NotifyTarget& target, const UrlParts& url) {
  Query ours(url, url.fragment);
  target.name = ours.take("name", target.name);
  if (const auto kinds = ours.take("on"); !kinds.empty()) {
    target.kinds = notify_kinds(kinds);
  }
  if (const auto jobs = ours.take("jobs"); !jobs.empty()) {
    target.jobs = listed_words(jobs);
  }
  target.schedules = listed_words(ours.take("schedules"));
  target.signing_key = Secret(ours.take("secret"));
  if (!target.signing_key.empty() && target.service != NotifyService::Webhook) {
    refuse(url, "secret is for webhooks, which alone are signed");
  }
  ours.finish();
}

/// One target for each chat, so that each is told once whatever happens to the others.
std::vector<NotifyTarget> one_for_each_chat(const NotifyTarget& target) {
  std::vector<NotifyTarget> targets;
  for (const auto& chat : listed_words(target.options.at("chats"))) {
    auto one = target;
    one.options = {{"chat", chat}};
    targets.push_back(std::move(one));
  }
  return targets;
}

}  // namespace

std::vector<std::string> listed_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char one : std::string(text) + ",") {
    if (one != ',' && one != ' ' && one != '\n' && one != '\t' && one != '\r') {
      word += one;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

std::set<NotifyKind> notify_kinds(std::string_view words) {
  std::set<NotifyKind> kinds;
  for (const auto& word : listed_words(words)) {
    kinds.insert(notify_kind(word));
  }
  return kinds;
}

std::vector<NotifyTarget> parse_notify_url(std::string_view text) {
  const auto url = url_parts(text);
  NotifyTarget target;
  target.service = service_of(url);
  Query query(url, target.service == NotifyService::Webhook ? std::string_view() : url.query);
  read_service(target, url, query);
  query.finish();
  set_defaults(target);
  read_ours(target, url);
  return target.service == NotifyService::Telegram ? one_for_each_chat(target)
                                                   : std::vector{target};
}

}  // namespace controller
