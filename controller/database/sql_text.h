// Names and values as SQL, connection strings and file names want them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace controller {

/// "name" with its quotes doubled.
std::string quoted_name(std::string_view name);

/// 'text', safe with either setting of standard_conforming_strings.
std::string quoted_text(std::string_view text);

/// "host='127.0.0.1' dbname='a\'b'": libpq takes a bare name with '=' for a connection string.
std::string connection_string(const std::map<std::string, std::string>& parameters);

/// `database` + `suffix`, the name cut so that PostgreSQL's 63 bytes hold both, between characters.
std::string derived_name(std::string_view database, std::string_view suffix);

/// A file name that cannot leave its folder, hide, or collide: other bytes than letters, digits,
/// '-', '_' and inner '.' become "%XX".
std::string file_name_of(std::string_view database);

}  // namespace controller
