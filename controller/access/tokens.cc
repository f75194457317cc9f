#include "controller/access/tokens.h"

#include <algorithm>

#include "controller/access/credential.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::size_t kLongestName = 64;
constexpr seconds kUseInterval{60};  // a use is written down once in this time

bool is_name(const std::string& name) {
  const auto printable = [](char one) { return one >= ' ' && one <= '~'; };
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, printable);
}

/// Of columns id, name, scopes, created_at, used_at.
ApiToken token_of(Statement& row) {
  ApiToken token{row.text(0), row.text(1), parse_scopes(row.text(2)),
                 sys_seconds(seconds(row.number(3))), std::nullopt};
  if (row.number(4) != 0) {
    token.used_at = sys_seconds(seconds(row.number(4)));
  }
  return token;
}

}  // namespace

Tokens::Made Tokens::make(const std::string& name, const Scopes& scopes, sys_seconds now) {
  if (!is_name(name)) {
    throw std::invalid_argument("a token's name is printable ASCII, 64 characters at most");
  }
  Made made{{new_access_id(), name, scopes, now, std::nullopt},
            Secret("cofferdam_" + new_credential().reveal())};
  file_.with([&](sqlite3* database) {
    Statement(database, "INSERT INTO tokens VALUES(?, ?, ?, ?, ?, 0)")
        .bind(made.token.id)
        .bind(name)
        .bind(to_string(scopes))
        .bind(credential_digest(made.text.reveal()))
        .bind(now.time_since_epoch().count())
        .step();
  });
  return made;
}

bool Tokens::revoke(const std::string& id) {
  return file_.with([&](sqlite3* database) {
    return Statement(database, "DELETE FROM tokens WHERE id = ? RETURNING id").bind(id).step();
  });
}

std::vector<ApiToken> Tokens::all() {
  return file_.with([](sqlite3* database) {
    std::vector<ApiToken> tokens;
    Statement rows(database,
                   "SELECT id, name, scopes, created_at, used_at FROM tokens ORDER BY created_at, "
                   "rowid");
    while (rows.step()) {
      tokens.push_back(token_of(rows));
    }
    return tokens;
  });
}

bool Tokens::holds(const std::string& id) {
  const auto tokens = all();
  return std::ranges::find(tokens, id, &ApiToken::id) != tokens.end();
}

std::optional<ApiToken> Tokens::find(const std::string& text, sys_seconds now) {
  return file_.with([&](sqlite3* database) -> std::optional<ApiToken> {
    Statement row(database,
                  "SELECT id, name, scopes, created_at, used_at FROM tokens WHERE digest = ?");
    row.bind(credential_digest(text));
    if (!row.step()) {
      return std::nullopt;
    }
    auto token = token_of(row);
    if (!token.used_at || now - *token.used_at >= kUseInterval) {
      token.used_at = now;
      Statement(database, "UPDATE tokens SET used_at = ? WHERE id = ?")
          .bind(now.time_since_epoch().count())
          .bind(token.id)
          .step();
    }
    return token;
  });
}

}  // namespace controller
