#include "controller/cli/access_views.h"

#include "controller/cli/text_table.h"
#include "controller/clock.h"

namespace controller {

std::string users_text(const std::vector<AccessUser>& users) {
  if (users.empty()) {
    return "no users\n";
  }
  std::vector<Row> rows = {{"USER", "PASSWORD SET"}};
  for (const auto& user : users) {
    rows.push_back({user.name, rfc3339(user.changed_at)});
  }
  return table(std::move(rows));
}

std::string tokens_text(const std::vector<ApiToken>& tokens) {
  if (tokens.empty()) {
    return "no tokens\n";
  }
  std::vector<Row> rows = {{"ID", "NAME", "SCOPES", "CREATED", "USED"}};
  for (const auto& token : tokens) {
    rows.push_back({token.id, token.name, to_string(token.scopes), rfc3339(token.created_at),
                    token.used_at ? rfc3339(*token.used_at) : "never"});
  }
  return table(std::move(rows));
}

std::string audit_text(const AuditTrail& trail) {
  std::vector<Row> rows = {{"TIME", "WHO", "FROM", "ACTION", "OBJECT", "RESULT"}};
  for (const auto& one : trail.entries) {
    rows.push_back({one.at, one.who.empty() ? "-" : one.who, one.source.empty() ? "-" : one.source,
                    one.action, one.object.empty() ? "-" : one.object, one.result});
  }
  return table(std::move(rows)) +
         line("", trail.problem.empty() ? "last digest " + trail.last_digest : trail.problem);
}

}  // namespace controller
