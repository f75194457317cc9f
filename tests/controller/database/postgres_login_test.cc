#include "controller/database/postgres_login.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

std::optional<std::string> read_secret(const std::string& path) {
  return path == "/run/secrets/db" ? std::optional<std::string>("from file\n") : std::nullopt;
}

std::vector<PostgresLogin> logins(const std::vector<std::string>& env) {
  dockerapi::Container container;
  container.env = env;
  return postgres_logins(container, read_secret);
}

using Logins = std::vector<PostgresLogin>;

TEST(PostgresLogin, FollowsTheImagesEnvironment) {
  EXPECT_EQ(logins({}), (Logins{{"postgres", "", "postgres"}}));
  EXPECT_EQ(logins({"POSTGRES_USER=boss", "POSTGRES_PASSWORD=a=b"}),
            (Logins{{"boss", "a=b", "boss"}}));
  EXPECT_EQ(logins({"POSTGRES_PASSWORD_FILE=/run/secrets/db", "POSTGRES_DB=shop"}),
            (Logins{{"postgres", "from file", "shop"}}));
  EXPECT_EQ(logins({"POSTGRES_PASSWORD_FILE=/gone"}), (Logins{{"postgres", "", "postgres"}}));
  EXPECT_EQ(logins({"POSTGRESQL_USERNAME=shop", "POSTGRESQL_PASSWORD=x", "POSTGRESQL_DATABASE=d",
                    "POSTGRESQL_POSTGRES_PASSWORD=y"}),
            (Logins{{"postgres", "y", "d"}, {"shop", "x", "d"}}));
}

TEST(PostgresLogin, KnowsThePort) {
  dockerapi::Container container;
  EXPECT_EQ(postgres_port(container), "5432");
  container.env = {"PGPORT=6000"};
  EXPECT_EQ(postgres_port(container), "6000");
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"postgres", "-p", "5433"},
                                             {"postgres", "-p5433"},
                                             {"-c", "port=5433"},
                                             {"postgres", "--port=5433"},
                                             {"postgres", "-c", "fsync=off", "-cport=5433"}}) {
    container.command = command;
    EXPECT_EQ(postgres_port(container), "5433");
  }
  container.command = {"postgres", "-p"};
  EXPECT_EQ(postgres_port(container), "6000");
}

}  // namespace
}  // namespace controller
