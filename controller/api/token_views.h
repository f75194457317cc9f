// Users, tokens and the audit log for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "controller/access/audit_log.h"
#include "controller/access/tokens.h"
#include "controller/access/users.h"

namespace controller {

/// An array of objects with id, name, scopes (an array), created_at and used_at (null: never).
std::string tokens_json(const std::vector<ApiToken>& tokens);

/// The same object with one more member, `token`: its text.
std::string made_token_json(const Tokens::Made& made);

/// An array of objects with name and changed_at.
std::string users_json(const std::vector<AccessUser>& users);

/// An object: `entries`, `last_digest`, `problem` (null: the chain is whole).
std::string audit_json(const AuditTrail& trail);

}  // namespace controller
