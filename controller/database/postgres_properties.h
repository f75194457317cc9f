// What a restore into a database of another name does not bring, as statements that bring it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/snapshot/manifest.h"

namespace controller {

/// CREATE DATABASE from template0 with the record's encoding and locale, for a server of `version`;
/// its tablespace only if `tablespaces` has it.
std::string create_database_statement(const std::string& name, const DatabaseRecord& record,
                                      int version, const std::set<std::string>& tablespaces);

/// Statements that give the database `name` the record's settings, grants, owner, limit, comment
/// and security labels.  Throws DatabaseError if the record's properties cannot be read.
std::vector<std::string> property_statements(const std::string& name, const DatabaseRecord& record);

/// One of the record's properties that is a text or a boolean ("true"); empty if it has none.
std::string text_property(const DatabaseRecord& record, const std::string& name);

/// One that is a list of texts; empty if it has none.
std::vector<std::string> list_property(const DatabaseRecord& record, const std::string& name);

/// Names of what is set for the database, or for a role in it.
std::vector<std::string> setting_names(const DatabaseRecord& record);

/// Statements that create those of `needed` that `existing` lacks, as the server's roles JSON has
/// them: without passwords; the old cluster's bootstrap superuser only as an owner that cannot log
/// in.  Memberships are granted to new roles only.  Throws DatabaseError.
std::vector<std::string> role_statements(const std::string& roles_json,
                                         const std::vector<std::string>& needed,
                                         const std::set<std::string>& existing);

}  // namespace controller
