#include "controller/access/sessions.h"

#include <algorithm>

#include "controller/access/credential.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr seconds kUseInterval{60};  // a use is written down once in this time

/// Of columns id, user, source, created_at, used_at.
Session session_of(Statement& row) {
  return {row.text(0), row.text(1), row.text(2), sys_seconds(seconds(row.number(3))),
          sys_seconds(seconds(row.number(4)))};
}

void forget_old(sqlite3* database, const SessionLimits& limits, sys_seconds now) {
  Statement(database, "DELETE FROM sessions WHERE used_at <= ? OR created_at <= ?")
      .bind((now - limits.idle).time_since_epoch().count())
      .bind((now - limits.absolute).time_since_epoch().count())
      .step();
}

}  // namespace

Secret Sessions::begin(const std::string& user, const std::string& source, sys_seconds now) {
  auto text = new_credential();
  file_.with([&](sqlite3* database) {
    forget_old(database, limits_, now);
    Statement(database, "INSERT INTO sessions VALUES(?, ?, ?, ?, ?, ?)")
        .bind(new_access_id())
        .bind(user)
        .bind(credential_digest(text.reveal()))
        .bind(source)
        .bind(now.time_since_epoch().count())
        .bind(now.time_since_epoch().count())
        .step();
  });
  return text;
}

std::optional<Session> Sessions::find(const std::string& text, sys_seconds now) {
  return file_.with([&](sqlite3* database) -> std::optional<Session> {
    Statement row(database,
                  "SELECT id, user, source, created_at, used_at FROM sessions WHERE digest = ?");
    row.bind(credential_digest(text));
    if (!row.step()) {
      return std::nullopt;
    }
    auto session = session_of(row);
    if (now - session.used_at >= limits_.idle || now - session.created_at >= limits_.absolute) {
      return std::nullopt;
    }
    if (now - session.used_at >= kUseInterval) {
      session.used_at = now;
      Statement(database, "UPDATE sessions SET used_at = ? WHERE id = ?")
          .bind(now.time_since_epoch().count())
          .bind(session.id)
          .step();
    }
    return session;
  });
}

bool Sessions::holds(const std::string& id, sys_seconds now) {
  const auto sessions = all(now);
  return std::ranges::find(sessions, id, &Session::id) != sessions.end();
}

std::vector<Session> Sessions::all(sys_seconds now) {
  return file_.with([&](sqlite3* database) {
    forget_old(database, limits_, now);
    std::vector<Session> sessions;
    Statement rows(database,
                   "SELECT id, user, source, created_at, used_at FROM sessions ORDER BY "
                   "created_at, rowid");
    while (rows.step()) {
      sessions.push_back(session_of(rows));
    }
    return sessions;
  });
}

bool Sessions::end(const std::string& id, const std::string& user) {
  return file_.with([&](sqlite3* database) {
    return Statement(database, "DELETE FROM sessions WHERE id = ? AND user = ? RETURNING id")
        .bind(id)
        .bind(user)
        .step();
  });
}

}  // namespace controller
