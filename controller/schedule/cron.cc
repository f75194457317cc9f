#include "controller/schedule/cron.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>
#include <vector>

namespace controller {

namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;

struct Field {
  std::string_view what;
  int lowest;
  int highest;
  std::vector<std::string_view> names;  // of `first_name` and what follows
  int first_name;
};

const std::array<Field, 5>& fields() {
  static const std::array<Field, 5> kFields = {
      Field{"minute", 0, 59, {}, 0}, Field{"hour", 0, 23, {}, 0},
      Field{"day of month", 1, 31, {}, 0},
      Field{"month",
            1,
            12,
            {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
            1},
      // 7 is Sunday, too.
      Field{"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0}};
  return kFields;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMacros = {{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  return result;
}

[[noreturn]] void fail(const std::string& text, const std::string& problem) {
  throw CronError("\"" + text + "\" is no schedule: " + problem);
}

/// Reads one field into the numbers it names.
class FieldReader {
 public:
  FieldReader(std::string expression, const Field& field)
      : expression_(std::move(expression)), field_(field) {}

  std::vector<int> read(const std::string& text) {
    text_ = text;
    std::vector<int> numbers;
    std::istringstream parts(text + ",");
    for (std::string part; std::getline(parts, part, ',');) {
      add(part, numbers);
    }
    return numbers;
  }

 private:
  void add(const std::string& part, std::vector<int>& numbers) {
    const auto slash = part.find('/');
    const auto range = part.substr(0, slash);
    const int step = slash == std::string::npos ? 1 : step_of(part.substr(slash + 1));
    const auto dash = range.find('-');
    int first = field_.lowest;
    int last = field_.highest;
    if (range != "*") {
      first = number(range.substr(0, dash));
      last = dash == std::string::npos ? first : last_of(range.substr(dash + 1));
      if (slash != std::string::npos && dash == std::string::npos) {
        complain("a step needs a range: " + range + "-" + std::to_string(field_.highest) + "/" +
                 std::to_string(step));
      }
    }
    if (first > last) {
      complain("the range ends before it begins");
    }
    for (int value = first; value <= last; value += step) {
      numbers.push_back(value);
    }
  }

  int step_of(const std::string& text) {
    int step = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (problem != std::errc() || end != text.data() + text.size() || step < 1 ||
        step > field_.highest) {
      complain("the step must be a number from 1 to " + std::to_string(field_.highest));
    }
    return step;
  }

  /// "fri-sun" ends with 7.
  int last_of(const std::string& text) {
    const int value = number(text);
    return field_.highest == 7 && value == 0 && lower(text) == "sun" ? 7 : value;
  }

  int number(const std::string& text) {
    const auto name = std::ranges::find(field_.names, lower(text));
    if (name != field_.names.end()) {
      return field_.first_name + static_cast<int>(name - field_.names.begin());
    }
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < field_.lowest ||
        value > field_.highest) {
      complain("it takes *, numbers from " + std::to_string(field_.lowest) + " to " +
               std::to_string(field_.highest) +
               (field_.names.empty() ? "" : ", names such as " + std::string(field_.names[0])) +
               ", ranges, lists and steps");
    }
    return value;
  }

  [[noreturn]] void complain(const std::string& problem) const {
    fail(expression_, "the " + std::string(field_.what) + " is \"" + text_ + "\"; " + problem);
  }

  std::string expression_;
  const Field& field_;
  std::string text_;
};

std::string without_macro(const std::string& text) {
  if (!text.starts_with('@')) {
    return text;
  }
  const auto* const macro =
      std::ranges::find(kMacros, lower(text), [](const auto& one) { return one.first; });
  if (macro == kMacros.end()) {
    fail(text, "of the words with @ there are @hourly, @daily, @weekly, @monthly and @yearly");
  }
  return std::string(macro->second);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(without_macro(text));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  if (words.size() != fields().size()) {
    fail(text, "it needs five fields (minute, hour, day of month, month, day of week), and has " +
                   std::to_string(words.size()));
  }
  return words;
}

template <std::size_t N>
void set_all(std::bitset<N>& bits, const std::vector<int>& numbers) {
  for (const int number : numbers) {
    bits.set(static_cast<std::size_t>(number) % N);
  }
}

bool names_day(const CronExpression& cron, local_days day) {
  const std::chrono::year_month_day date(day);
  if (!cron.months[static_cast<unsigned>(date.month())]) {
    return false;
  }
  const bool by_day = cron.days[static_cast<unsigned>(date.day())];
  const bool by_weekday = cron.weekdays[std::chrono::weekday(day).c_encoding()];
  return cron.any_day || cron.any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

/// The first minute of the day that is `from` or later.
std::optional<local_seconds> first_of_day(const CronExpression& cron, local_days day,
                                          local_seconds from) {
  for (int hour = 0; hour < 24; ++hour) {
    if (!cron.hours[static_cast<std::size_t>(hour)] || day + std::chrono::hours(hour + 1) <= from) {
      continue;
    }
    for (int minute = 0; minute < 60; ++minute) {
      const local_seconds time = day + std::chrono::hours(hour) + std::chrono::minutes(minute);
      if (cron.minutes[static_cast<std::size_t>(minute)] && time >= from) {
        return time;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

CronExpression parse_cron(std::string_view text) {
  CronExpression cron;
  cron.text = trimmed(text);
  const auto words = words_of(cron.text);
  const auto numbers = [&](std::size_t index) {
    return FieldReader(cron.text, fields().at(index)).read(words[index]);
  };
  set_all(cron.minutes, numbers(0));
  set_all(cron.hours, numbers(1));
  set_all(cron.days, numbers(2));
  set_all(cron.months, numbers(3));
  set_all(cron.weekdays, numbers(4));
  cron.repeating = words[0].starts_with('*') || words[1].starts_with('*');
  cron.any_day = words[2].starts_with('*');
  cron.any_weekday = words[4].starts_with('*');
  // The calendar repeats itself after 400 years.
  if (!first_match(cron, local_days(std::chrono::year(2000) / 1 / 1),
                   local_days(std::chrono::year(2400) / 1 / 1))) {
    fail(cron.text, "it never fires, since no month it names has such a day");
  }
  return cron;
}

std::optional<local_seconds> first_match(const CronExpression& cron, local_seconds from,
                                         local_seconds until) {
  for (auto day = std::chrono::floor<std::chrono::days>(from); day < until;
       day += std::chrono::days(1)) {
    if (!names_day(cron, day)) {
      continue;
    }
    const auto time = first_of_day(cron, day, from);
    if (time) {
      return *time < until ? time : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace controller
