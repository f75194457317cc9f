// Users, tokens and the audit log for people.
#pragma once

#include <string>
#include <vector>

#include "controller/access/audit_log.h"
#include "controller/access/tokens.h"
#include "controller/access/users.h"

namespace controller {

/// Tables; they say so if there are none.
std::string users_text(const std::vector<AccessUser>& users);
std::string tokens_text(const std::vector<ApiToken>& tokens);

/// Below the table, the digest of the last line, or what is wrong with the chain.
std::string audit_text(const AuditTrail& trail);

}  // namespace controller
