#include "controller/notify/curl_courier.h"

#include <algorithm>

#include "controller/notify/address_rule.h"
#include "controller/notify/smtp_client.h"
#include "controller/remote/curl_client.h"

namespace controller {

namespace {

constexpr std::chrono::seconds kConnect{5};
constexpr std::chrono::seconds kWhole{15};

HttpBody body_of(const std::string& text) {
  return {text.size(), [&text](std::uint64_t offset, char* bytes, std::size_t most) {
            return text.copy(bytes, most, offset);
          }};
}

/// The beginning of what a service says of a request it does not like.
std::string excerpt(const std::string& body) {
  constexpr std::size_t kMost = 200;
  auto text = body.substr(0, kMost);
  std::ranges::replace_if(
      text, [](unsigned char one) { return one < ' '; }, ' ');
  return text.empty() ? "" : ": " + text;
}

/// Everything else may be the service's state, or a proxy's in front of it.
bool is_about_the_event(int status) {
  constexpr int kBadRequest = 400;
  constexpr int kTooLarge = 413;
  constexpr int kUnprocessable = 422;
  return status == kBadRequest || status == kTooLarge || status == kUnprocessable;
}

void check(const NotifyTarget& target, const HttpAnswer& answer) {
  constexpr int kNoContent = 204;
  const auto status = "answered " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) {
    throw NotDelivered(status + ", a redirect, which is not followed; set the URL it leads to");
  }
  if (answer.status < 200 || answer.status >= 300) {
    throw NotDelivered(without_secrets(status + excerpt(answer.body), target),
                       is_about_the_event(answer.status) ? NotDelivered::Retry::Useless
                                                         : NotDelivered::Retry::Sensible);
  }
  if (target.service == NotifyService::Apprise && answer.status == kNoContent) {
    throw NotDelivered(status + ": it has nobody to tell under this key and tag");
  }
}

class CurlCourier : public Courier {
 public:
  explicit CurlCourier(std::vector<std::string> allowed_hosts)
      : allowed_hosts_(std::move(allowed_hosts)) {}

  void deliver(const NotifyTarget& target, const NotifyEvent& event, const NotifyAttempt& attempt,
               const std::stop_token& stop) override {
    try {
      if (target.service == NotifyService::Smtp) {
        send_mail(target, mail(target, event, attempt), limits_for(target), stop);
      } else if (const auto request = web_request(target, event, attempt)) {
        ask(target, *request, stop);
      }
    } catch (const NoAnswer& error) {
      throw NotDelivered(without_secrets(error.what(), target));
    }
  }

 private:
  [[nodiscard]] TransferLimits limits_for(const NotifyTarget& target) const {
    TransferLimits limits;
    limits.connect = kConnect;
    limits.whole = kWhole;
    if (std::ranges::find(allowed_hosts_, target.host) == allowed_hosts_.end()) {
      limits.permits = [](const std::string& address) { return !is_risky_address(address); };
    }
    return limits;
  }

  void ask(const NotifyTarget& target, const WebRequest& request, const std::stop_token& stop) {
    HttpCall call{request.method, request.url.reveal(), {}, body_of(request.body)};
    for (const auto& [name, value] : request.headers) {
      call.headers[name] = value.reveal();
    }
    check(target, make_curl_client("", limits_for(target))->exchange(call, stop));
  }

  std::vector<std::string> allowed_hosts_;
};

}  // namespace

std::unique_ptr<Courier> make_curl_courier(std::vector<std::string> allowed_hosts) {
  return std::make_unique<CurlCourier>(std::move(allowed_hosts));
}

}  // namespace controller
