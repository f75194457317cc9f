#include "controller/notify/smtp_client.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <new>

#include "controller/archive/volume_archive.h"

namespace controller {

namespace {

struct Free {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Sending {
  const std::string& text;
  const std::stop_token& stop;
  std::size_t sent = 0;
};

std::size_t read_text(char* bytes, std::size_t size, std::size_t count, void* cookie) {
  auto& sending = *static_cast<Sending*>(cookie);
  const auto copied = sending.text.copy(bytes, size * count, sending.sent);
  sending.sent += copied;
  return copied;
}

int look_up(void* cookie, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Sending*>(cookie)->stop.stop_requested() ? 1 : 0;
}

std::unique_ptr<curl_slist, Free> recipients(const Mail& mail) {
  std::unique_ptr<curl_slist, Free> list;
  for (const auto& one : mail.to) {
    list.reset(curl_slist_append(list.release(), ("<" + one + ">").c_str()));
  }
  return list;
}

/// Encryption that was asked for, or that a password needs, is demanded; without either it is taken
/// where the server offers it.
long encryption(const NotifyTarget& target) {
  const auto& wanted = target.options.at("encryption");
  if (wanted == "none") {
    return CURLUSESSL_NONE;
  }
  return wanted == "auto" && target.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL;
}

void set_server(CURL* curl, const NotifyTarget& target, const TransferLimits& limits) {
  curl_easy_setopt(curl, CURLOPT_URL, target.origin.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, encryption(target));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(limits.whole.count()));
  if (!target.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, target.user.reveal().c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, target.password.reveal().c_str());
  }
}

void set_mail(CURL* curl, const Mail& mail, curl_slist* to, Sending& sending) {
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_text);
  curl_easy_setopt(curl, CURLOPT_READDATA, static_cast<void*>(&sending));
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&sending));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

}  // namespace

void send_mail(const NotifyTarget& target, const Mail& mail, const TransferLimits& limits,
               const std::stop_token& stop) {
  const std::unique_ptr<CURL, Free> curl(curl_easy_init());
  if (!curl) {
    throw std::bad_alloc();
  }
  std::array<char, CURL_ERROR_SIZE> problem{};
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, problem.data());
  AddressGate gate(limits.permits);
  gate.guard(curl.get());
  set_server(curl.get(), target, limits);
  const auto to = recipients(mail);
  Sending sending{mail.text, stop};
  set_mail(curl.get(), mail, to.get(), sending);
  const auto code = curl_easy_perform(curl.get());
  if (stop.stop_requested()) {
    throw Interrupted("cancelled");
  }
  if (code != CURLE_OK) {
    throw NoAnswer(
        !gate.refused().empty()
            ? "connections to " + gate.refused() + " are not allowed"
            : std::string(problem.front() != '\0' ? problem.data() : curl_easy_strerror(code)),
        NoAnswer::Retry::Sensible);
  }
}

}  // namespace controller
