// What a database needs of any server that it is restored on, beyond what its record says
// elsewhere.
//
// Part of the record's properties, a JSON object of the driver's own: "needs_superuser" lists what
// only a superuser may create, "object_owners" the roles that own something, "collations" those of
// pg_catalog that are used by name, "label_providers" the providers of security labels, "labels"
// those of the database itself.
#pragma once

#include <string>

namespace controller {

/// SQL of a jsonb with these members, about the database that is asked, for a server of `version`.
std::string needs_expression(int version);

}  // namespace controller
