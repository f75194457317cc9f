#include "controller/cli/notify_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/notify/notify_url.h"

namespace controller {
namespace {

std::vector<NotifyRow> rows() {
  return {{parse_notify_url("https://me:hush@h/hush?hush=1#secret=hush&name=hook"
                            "&on=degraded,failed,overdue")
               .at(0),
           {"hook", 2, 5, 3, 1, "2026-11-20T02:00:00Z", "answered 500"}},
          {parse_notify_url("healthchecks://hc-ping.com/hush#on=failed").at(0), {}}};
}

TEST(NotifyViews, ShowHowItGoesAndNoSecret) {
  EXPECT_EQ(notify_table(rows()),
            "NAME          SERVICE       AT                   ON                       JOBS    "
            "WAITING  STATE\n"
            "hook          webhook       https://h            degraded,failed,overdue  all     "
            "2        failing: answered 500\n"
            "healthchecks  healthchecks  https://hc-ping.com  failed                   create  "
            "0        never told anything\n");
  EXPECT_THAT(notify_json(rows()), testing::Not(testing::HasSubstr("hush")));
}

TEST(NotifyViews, SayThatNobodyIsTold) {
  EXPECT_THAT(notify_table({}), testing::HasSubstr("nobody is told"));
  EXPECT_EQ(notify_json({}), "[]\n");
}

}  // namespace
}  // namespace controller
