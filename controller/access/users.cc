#include "controller/access/users.h"

#include <algorithm>

#include "controller/outage/statement.h"

namespace controller {

namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kShortestPassword = 12;
constexpr std::size_t kLongestPassword = 1024;

bool is_name(const std::string& name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@";
  return !name.empty() && name.size() <= kLongestName &&
         name.find_first_not_of(kAllowed) == std::string::npos;
}

void check(const std::string& name, const Secret& password) {
  if (!is_name(name)) {
    throw std::invalid_argument("\"" + name +
                                "\" is no user's name: it may have letters, digits, '.', '-', '_' "
                                "and '@', 64 at most");
  }
  const auto size = password.reveal().size();
  if (size < kShortestPassword || size > kLongestPassword) {
    throw std::invalid_argument("a password has from 12 to 1024 bytes; this one has " +
                                std::to_string(size));
  }
}

void end_sessions(sqlite3* database, const std::string& user) {
  Statement(database, "DELETE FROM sessions WHERE user = ?").bind(user).step();
}

}  // namespace

void Users::put(const std::string& name, const Secret& password, std::chrono::sys_seconds now) {
  check(name, password);
  const auto hash = hash_password(password, cost_);
  file_.with([&](sqlite3* database) {
    end_sessions(database, name);
    Statement(database,
              "INSERT INTO users VALUES(?, ?, ?) ON CONFLICT(name) DO UPDATE SET hash = "
              "excluded.hash, changed_at = excluded.changed_at")
        .bind(name)
        .bind(hash)
        .bind(now.time_since_epoch().count())
        .step();
  });
}

bool Users::remove(const std::string& name) {
  return file_.with([&](sqlite3* database) {
    end_sessions(database, name);
    return Statement(database, "DELETE FROM users WHERE name = ? RETURNING name").bind(name).step();
  });
}

std::vector<AccessUser> Users::all() {
  return file_.with([](sqlite3* database) {
    std::vector<AccessUser> users;
    Statement rows(database, "SELECT name, changed_at FROM users ORDER BY name");
    while (rows.step()) {
      users.push_back(
          {rows.text(0), std::chrono::sys_seconds(std::chrono::seconds(rows.number(1)))});
    }
    return users;
  });
}

std::optional<std::string> Users::hash_of(const std::string& name) {
  return file_.with([&](sqlite3* database) -> std::optional<std::string> {
    Statement row(database, "SELECT hash FROM users WHERE name = ?");
    row.bind(name);
    return row.step() ? std::optional(row.text(0)) : std::nullopt;
  });
}

bool Users::knows(const std::string& name, const Secret& password) {
  const auto hash = hash_of(name);
  if (!hash || password.reveal().size() > kLongestPassword) {
    hash_password(Secret("the same work for nobody"), cost_);
    return false;
  }
  if (!password_matches(*hash, password)) {
    return false;
  }
  if (is_outdated(*hash, cost_)) {
    const auto renewed = hash_password(password, cost_);
    file_.with([&](sqlite3* database) {
      Statement(database, "UPDATE users SET hash = ? WHERE name = ? AND hash = ?")
          .bind(renewed)
          .bind(name)
          .bind(*hash)
          .step();
    });
  }
  return true;
}

}  // namespace controller
