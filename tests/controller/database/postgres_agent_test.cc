// The agent over pipes, against a real server.
#include "controller/database/postgres_agent.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

#include "controller/database/sql_protocol.h"
#include "tests/controller/database/local_postgres.h"

namespace controller {
namespace {

class PostgresAgentTest : public testing::Test {
 protected:
  PostgresAgentTest() {
    EXPECT_EQ(::pipe2(orders_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(answers_.data(), O_CLOEXEC), 0);
    agent_ = std::thread([this] { exit_code_ = run_postgres_agent(orders_[0], answers_[1]); });
  }
  ~PostgresAgentTest() override {
    hang_up();
    for (const int descriptor : {orders_[0], answers_[0], answers_[1]}) {
      ::close(descriptor);
    }
  }

  void send(const SqlRequest& request) {
    const auto line = to_line(request) + "\n";
    EXPECT_EQ(::write(orders_[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }

  SqlAnswer receive() {
    std::string line;
    char one = 0;
    while (::read(answers_[0], &one, 1) == 1 && one != '\n') {
      line += one;
    }
    return sql_answer_from(line);
  }

  SqlAnswer ask(const SqlRequest& request) {
    send(request);
    return receive();
  }

  SqlAnswer open(const std::string& user = "boss", const std::string& database = "postgres") {
    return ask({SqlRequest::Action::Open,
                1,
                "",
                {{"host", "127.0.0.1"},
                 {"port", LocalPostgres::shared().port()},
                 {"user", user},
                 {"dbname", database},
                 {"application_name", "agent-test"},
                 {"password", "wrong"}}});
  }

  int hang_up() {
    if (agent_.joinable()) {
      ::close(orders_[1]);
      agent_.join();
    }
    return exit_code_;
  }

  bool becomes(const std::string& expected, const std::string& query) {
    auto connection = LocalPostgres::shared().connect("template1");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (connection.value(query) != expected) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }

  std::array<int, 2> orders_{};
  std::array<int, 2> answers_{};
  std::thread agent_;
  int exit_code_ = -1;
};

TEST_F(PostgresAgentTest, AnswersWithRows) {
  const auto login = open();
  EXPECT_GE(login.server_version, 100000);
  EXPECT_GT(login.backend, 0);
  const auto answer = ask({SqlRequest::Action::Query,
                           1,
                           "SELECT 1; SELECT 'a', NULL, '' UNION ALL SELECT 'b', 'c', 'd'",
                           {}});
  EXPECT_EQ(answer.rows, (std::vector<SqlRow>{{"a", std::nullopt, ""}, {"b", "c", "d"}}));
  EXPECT_EQ(hang_up(), 0);
}

TEST_F(PostgresAgentTest, AnswersWithTheServersErrors) {
  open();
  auto answer = ask({SqlRequest::Action::Query, 1, "SELECT * FROM missing", {}});
  EXPECT_EQ(answer.sqlstate, "42P01");
  EXPECT_EQ(answer.error, "relation \"missing\" does not exist");
  EXPECT_EQ(ask({SqlRequest::Action::Query, 1, "SELECT 1/0; SELECT 2", {}}).sqlstate, "22012");
  EXPECT_EQ(ask({SqlRequest::Action::Checksum, 1, "COPY missing TO STDOUT", {}}).sqlstate, "42P01");
  EXPECT_EQ(ask({SqlRequest::Action::Checksum, 1, "SELECT 1", {}}).error.empty(), false);
  EXPECT_EQ(ask({SqlRequest::Action::Query, 1, "SELECT 1", {}}).rows.size(), 1U);
  EXPECT_EQ(ask({SqlRequest::Action::Query, 9, "SELECT 1", {}}).error, "no such connection");
  EXPECT_EQ(ask({SqlRequest::Action::Close, 1, "", {}}), SqlAnswer());
  EXPECT_EQ(ask({SqlRequest::Action::Query, 1, "SELECT 1", {}}).error, "no such connection");
}

TEST_F(PostgresAgentTest, KnowsWhyALoginFailed) {
  EXPECT_EQ(open("nobody").sqlstate, "28P01");
  EXPECT_EQ(open("boss", "nowhere").sqlstate, "3D000");
  EXPECT_EQ(open("boss", "nowhere").error.find("LOCATION"), std::string::npos);
}

TEST_F(PostgresAgentTest, HashesRows) {
  open();
  const auto answer = ask({SqlRequest::Action::Checksum,
                           1,
                           "COPY (SELECT n FROM generate_series(1, 3000) n) TO STDOUT",
                           {}});
  CopyChecksum expected;
  for (int n = 3000; n > 0; --n) {
    expected.feed(std::to_string(n) + "\n");
  }
  EXPECT_EQ(answer.totals, expected.totals());
}

TEST_F(PostgresAgentTest, EndsItsQueryWhenTheControllerIsGone) {
  open();
  send({SqlRequest::Action::Query, 1, "SELECT pg_sleep(600)", {}});
  const std::string sleeping =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'agent-test'"
      " AND query LIKE '%pg_sleep%' AND state = 'active'";
  ASSERT_TRUE(becomes("1", sleeping));

  EXPECT_EQ(hang_up(), 1);
  EXPECT_TRUE(becomes("0",
                      "SELECT count(*) FROM pg_stat_activity"
                      " WHERE application_name = 'agent-test'"));
}

TEST_F(PostgresAgentTest, SurvivesTheDeathOfAConnection) {
  const auto login = open();
  LocalPostgres::shared().sql("template1",
                              "SELECT pg_terminate_backend(" + std::to_string(login.backend) + ")");
  ASSERT_TRUE(becomes("0",
                      "SELECT count(*) FROM pg_stat_activity"
                      " WHERE application_name = 'agent-test'"));
  EXPECT_FALSE(ask({SqlRequest::Action::Query, 1, "SELECT 1", {}}).error.empty());
  EXPECT_GT(open().backend, 0);
}

}  // namespace
}  // namespace controller
