#include "controller/database/copy_statement.h"

#include <charconv>

#include "controller/archive/artifact.h"
#include "controller/database/sql_text.h"

namespace controller {

namespace {

constexpr std::string_view kBegin = "COPY ";
constexpr std::string_view kEnd = " FROM stdin;";

[[noreturn]] void fail(std::string_view text) {
  throw IntegrityError("not a COPY statement of a dump: " + std::string(text.substr(0, 80)));
}

/// One identifier off the front of `text`, unquoted.
std::string take_identifier(std::string_view& text) {
  std::string name;
  if (!text.starts_with('"')) {
    name = text.substr(0, text.find_first_of(". (),"));
    text.remove_prefix(name.size());
    return name;
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '"') {
      name += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '"') {
      name += '"';
      ++at;
    } else {
      text.remove_prefix(at + 1);
      return name;
    }
  }
  fail(text);
}

}  // namespace

bool is_whole_copy_statement(std::string_view text) {
  return text.starts_with(kBegin) && text.ends_with(kEnd);
}

CopyStatement parse_copy_statement(std::string_view text) {
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  if (!is_whole_copy_statement(text)) {
    fail(text);
  }
  std::string_view rest = text.substr(kBegin.size());
  CopyStatement statement;
  statement.schema = take_identifier(rest);
  if (!rest.starts_with('.')) {
    fail(text);
  }
  rest.remove_prefix(1);
  statement.table = take_identifier(rest);
  rest.remove_suffix(kEnd.size());
  const auto columns = rest.find('(');
  if (columns != std::string_view::npos) {
    statement.columns = rest.substr(columns);
  }
  return statement;
}

std::vector<std::string> column_names(const CopyStatement& statement) {
  std::vector<std::string> names;
  std::string_view rest = statement.columns;
  while (rest.size() > 1) {
    rest.remove_prefix(1);  // "(", or the space after a comma
    names.push_back(take_identifier(rest));
    rest.remove_prefix(1);
  }
  return names;
}

std::optional<SequenceValue> parse_setval(std::string_view text) {
  constexpr std::string_view kCall = "SELECT pg_catalog.setval(";
  const auto comma = text.rfind(", ");
  const auto name_end = comma == std::string_view::npos ? comma : text.rfind(", ", comma - 1);
  if (!text.starts_with(kCall) || name_end == std::string_view::npos) {
    return std::nullopt;
  }
  SequenceValue sequence;
  const auto digits = text.substr(name_end + 2, comma - name_end - 2);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), sequence.value).ptr !=
      digits.data() + digits.size()) {
    return std::nullopt;
  }
  sequence.called = text.substr(comma + 2).starts_with("true");
  auto literal = text.substr(kCall.size(), name_end - kCall.size());
  const bool escaped = literal.starts_with('E');
  const std::size_t opening = escaped ? 2 : 1;
  if (literal.size() <= opening) {
    return std::nullopt;
  }
  literal.remove_prefix(opening);
  while (literal.size() > 1) {
    const bool doubled = literal.starts_with('\'') || (escaped && literal.starts_with('\\'));
    literal.remove_prefix(doubled ? 1 : 0);
    sequence.name += literal.front();
    literal.remove_prefix(1);
  }
  return sequence;
}

std::string copy_out_statement(const CopyStatement& statement, const std::string& condition) {
  const std::string table = quoted_name(statement.schema) + "." + quoted_name(statement.table);
  if (condition.empty() || statement.columns.empty()) {
    return "COPY " + table + " " + statement.columns + " TO STDOUT";
  }
  const std::string columns = statement.columns.substr(1, statement.columns.size() - 2);
  return "COPY (SELECT " + columns + " FROM " + table + " " + condition + ") TO STDOUT";
}

}  // namespace controller
