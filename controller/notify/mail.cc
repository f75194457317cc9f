#include <algorithm>
#include <array>

#include "controller/notify/base64_text.h"
#include "controller/notify/notify_request.h"
#include "controller/notify/notify_url.h"

namespace controller {

namespace {

constexpr std::size_t kLine = 76;  // RFC 2045

/// Printable ASCII as it is, everything else as encoded words (RFC 2047): also line ends, which
/// would otherwise begin a header of somebody else's.
std::string header_text(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](char one) { return one >= ' ' && one <= '~'; });
  if (plain && text.size() <= kLine) {
    return text;
  }
  constexpr std::size_t kBytes = 42;  // of which base64 with its frame fits into a word
  std::string words;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = std::min(at + kBytes, text.size());
    while (end < text.size() && end > at + 1 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
      --end;  // a word holds whole characters
    }
    words += (words.empty() ? "" : "\r\n ") +
             ("=?utf-8?B?" + base64_text(text.substr(at, end - at)) + "?=");
    at = end;
  }
  return words;
}

std::string two_digits(unsigned number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

/// "Fri, 20 Nov 2026 02:00:00 +0000", in English whatever the locale.
std::string mail_date(std::chrono::sys_seconds time) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto clock = static_cast<unsigned>((time - day).count());
  return std::string(kDays.at(std::chrono::weekday(day).c_encoding())) + ", " +
         two_digits(static_cast<unsigned>(date.day())) + " " +
         kMonths.at(static_cast<unsigned>(date.month()) - 1) + " " +
         std::to_string(static_cast<int>(date.year())) + " " + two_digits(clock / 3600) + ":" +
         two_digits(clock / 60 % 60) + ":" + two_digits(clock % 60) + " +0000";
}

std::string wrapped(const std::string& text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += kLine) {
    lines += text.substr(at, kLine) + "\r\n";
  }
  return lines;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

}  // namespace

Mail mail(const NotifyTarget& target, const NotifyEvent& event, const NotifyAttempt& attempt) {
  Mail mail{target.options.at("from"), listed_words(target.options.at("to")), {}};
  const auto domain = mail.from.substr(mail.from.rfind('@'));
  mail.text = "Date: " + mail_date(attempt.at) + "\r\nFrom: " + header_text(mail.from) +
              "\r\nTo: " + joined(mail.to) + "\r\nSubject: " + header_text(title_of(event)) +
              "\r\nMessage-ID: <" + attempt.delivery + domain + ">" +
              "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0"
              "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
              "\r\n\r\n" +
              wrapped(base64_text(text_of(event) + "\n"));
  return mail;
}

}  // namespace controller
