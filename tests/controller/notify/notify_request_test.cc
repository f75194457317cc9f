#include "controller/notify/notify_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/notify/notify_url.h"

namespace controller {
namespace {

using testing::HasSubstr;
using Kind = NotifyKind;

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds{1795140000}};  // 2026-11-20 02:00 UTC

NotifyEvent failure() {
  return {Kind::Failed, "create",    "j1",  "schedule nightly",
          "shop",       "nightly-1", "box", "2026-11-20T02:00:00Z",
          12.5,         3U << 20U,   0.84,  "no room <in> the store & none elsewhere"};
}

NotifyEvent of(Kind kind) {
  auto event = failure();
  event.kind = kind;
  event.message.clear();
  return event;
}

/// The request as it goes over the wire, but for what HTTP adds.
std::string wire(std::string_view url, const NotifyEvent& event) {
  const auto request = web_request(parse_notify_url(url).at(0), event, {"d1", kNow});
  if (!request) {
    return "nothing";
  }
  auto text = request->method + " " + request->url.reveal() + "\n";
  for (const auto& [name, value] : request->headers) {
    text += name + ": " + value.reveal() + "\n";
  }
  return text + request->body;
}

constexpr const char* kText =
    "no room <in> the store & none elsewhere\\nsnapshot nightly-1, 3.0 MiB, after 12 s, 0.84 s "
    "of downtime\\non box at 2026-11-20T02:00:00Z, job j1, started by schedule nightly";

TEST(NotifyRequest, OfAWebhookHasEverything) {
  EXPECT_EQ(wire("https://h/x", failure()),
            "POST https://h/x\n"
            "Content-Type: application/json\n"
            "X-Cofferdam-Delivery: d1\n"
            "X-Cofferdam-Event: failed\n"
            R"({"event":"failed","title":"shop: create failed","job_kind":"create","job":"j1",)"
            R"("started_by":"schedule nightly","project":"shop","snapshot":"nightly-1",)"
            R"("host":"box","at":"2026-11-20T02:00:00Z","duration_seconds":12.5,"bytes":3145728,)"
            R"("downtime_seconds":0.84,"message":"no room <in> the store & none elsewhere"})");
}

TEST(NotifyRequest, OfAWebhookIsSignedWithItsTime) {
  auto event = NotifyEvent();
  event.at = "t";

  const auto text = wire("https://h/#secret=key", event);

  EXPECT_THAT(text, HasSubstr("X-Cofferdam-Timestamp: 1795140000\n"));
  // printf '1795140000.BODY' | openssl dgst -sha256 -hmac key
  EXPECT_THAT(
      text, HasSubstr("X-Cofferdam-Signature: "
                      "sha256=9768b1f740736eb277aded7f4c357f0bc8d965081810b94ba4abfac431bcba20\n"));
}

TEST(NotifyRequest, OfNtfy) {
  EXPECT_EQ(wire("ntfy://:tk_1@h/t?tags=a,b", failure()),
            "POST https://h/\nAuthorization: Bearer tk_1\nContent-Type: application/json\n"
            R"({"topic":"t","title":"shop: create failed","message":")" +
                std::string(kText) + R"(","priority":4,"tags":["a","b"]})");
  EXPECT_THAT(wire("ntfy://me:pw@h/t?priority=1", of(Kind::Success)),
              testing::AllOf(HasSubstr("Basic bWU6cHc="), HasSubstr("\"priority\":1")));
}

TEST(NotifyRequest, OfGotify) {
  EXPECT_EQ(wire("gotify://h/tok", failure()),
            "POST https://h/message\nContent-Type: application/json\nX-Gotify-Key: tok\n"
            R"({"title":"shop: create failed","message":")" +
                std::string(kText) + R"(","priority":8})");
}

TEST(NotifyRequest, OfDiscordMentionsNobody) {
  EXPECT_EQ(wire("discord://tok@1", failure()),
            "POST https://discord.com/api/webhooks/1/tok\nContent-Type: application/json\n"
            R"({"username":"Cofferdam","embeds":[{"title":"shop: create failed","description":")" +
                std::string(kText) + R"(","color":15158332}],"allowed_mentions":{"parse":[]}})");
}

TEST(NotifyRequest, OfSlackIsEscaped) {
  const auto text = wire("slack://hook:T-B-x@webhook", failure());

  EXPECT_THAT(text, HasSubstr("POST https://hooks.slack.com/services/T/B/x\n"));
  EXPECT_THAT(text,
              HasSubstr(R"({"text":"shop: create failed\nno room &lt;in&gt; the store &amp;)"));
}

TEST(NotifyRequest, OfTelegram) {
  EXPECT_THAT(
      wire("telegram://1:A@telegram?chats=@us", failure()),
      testing::AllOf(HasSubstr("POST https://api.telegram.org/bot1:A/sendMessage\n"),
                     HasSubstr(R"({"chat_id":"@us","text":"shop: create failed\nno room)")));
}

TEST(NotifyRequest, OfApprise) {
  EXPECT_EQ(wire("apprise://h:8000/key?tag=ops", of(Kind::Degraded)),
            "POST http://h:8000/notify/key\nContent-Type: application/json\n"
            R"({"title":"shop: create is degraded","body":"snapshot nightly-1, 3.0 MiB, after 12 s)"
            R"(, 0.84 s of downtime\non box at 2026-11-20T02:00:00Z, job j1, started by schedule )"
            R"(nightly","type":"warning","tag":"ops"})");
}

std::string ping(Kind kind) {
  const auto text = wire("healthchecks://hc/u", of(kind));
  return text.substr(0, text.find('\n'));
}

TEST(NotifyRequest, OfHealthchecksPairsAStartWithItsEnd) {
  const std::string rid = "?rid=39f0bf9b-6195-4c42-8585-82168bff62dc";

  EXPECT_EQ(ping(Kind::Started), "POST https://hc/u/start" + rid);
  EXPECT_EQ(ping(Kind::Success), "POST https://hc/u" + rid);
  EXPECT_EQ(ping(Kind::Failed), "POST https://hc/u/fail" + rid);
  EXPECT_EQ(ping(Kind::Degraded), "POST https://hc/u/fail" + rid);
  EXPECT_EQ(ping(Kind::Recovered), "POST https://hc/u" + rid);
  EXPECT_EQ(ping(Kind::Cancelled), "POST https://hc/u/log" + rid);
  EXPECT_EQ(ping(Kind::StorageLow), "POST https://hc/u/log" + rid);
}

TEST(NotifyRequest, OfUptimeKuma) {
  EXPECT_EQ(wire("uptimekuma://k/p", of(Kind::Success)),
            "GET https://k/api/push/p?status=up&msg=shop%3A%20create%20succeeded&ping=12500\n");
  EXPECT_THAT(wire("uptimekuma://k/p", of(Kind::Overdue)), HasSubstr("status=down"));
  EXPECT_THAT(wire("uptimekuma://k/p", of(Kind::Recovered)), HasSubstr("status=up"));
  EXPECT_EQ(wire("uptimekuma://k/p", of(Kind::Started)), "nothing");
  EXPECT_EQ(wire("uptimekuma://k/p", of(Kind::StorageLow)), "nothing");
}

TEST(NotifyMail, IsAMail) {
  const auto sent = mail(parse_notify_url("smtp://h/?from=me@box&to=a@b,c@d").at(0), of(Kind::Test),
                         {"d1", kNow});

  EXPECT_EQ(sent.from, "me@box");
  EXPECT_THAT(sent.to, testing::ElementsAre("a@b", "c@d"));
  EXPECT_EQ(sent.text,
            "Date: Fri, 20 Nov 2026 02:00:00 +0000\r\nFrom: me@box\r\nTo: a@b, c@d\r\n"
            "Subject: shop: test of notifications\r\nMessage-ID: <d1@box>\r\n"
            "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "c25hcHNob3QgbmlnaHRseS0xLCAzLjAgTWlCLCBhZnRlciAxMiBzLCAwLjg0IHMgb2YgZG93bnRp\r\n"
            "bWUKb24gYm94IGF0IDIwMjYtMTEtMjBUMDI6MDA6MDBaLCBqb2IgajEsIHN0YXJ0ZWQgYnkgc2No\r\n"
            "ZWR1bGUgbmlnaHRseQo=\r\n");
}

TEST(NotifyMail, LetsNoProjectWriteHeaders) {
  auto event = of(Kind::Failed);
  event.project = "shop\r\nBcc: x@y";

  const auto sent = mail(parse_notify_url("smtp://h/?from=me@box&to=a@b").at(0), event, {});

  EXPECT_THAT(sent.text, testing::Not(HasSubstr("\nBcc")));
  EXPECT_THAT(sent.text, HasSubstr("Subject: =?utf-8?B?"));
}

TEST(NotifyEvent, SurvivesItsJson) {
  EXPECT_EQ(notify_event_from_json(to_json(failure())), failure());
  EXPECT_THROW(notify_event_from_json("{\"event\":1}"), std::invalid_argument);
  EXPECT_THROW(notify_event_from_json("{\"event\":\"x\"}"), std::invalid_argument);
}

}  // namespace
}  // namespace controller
