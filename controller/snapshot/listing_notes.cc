#include "controller/snapshot/listing_notes.h"

#include <sys/file.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "controller/archive/sha256.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "cofferdam listing 1";
constexpr std::size_t kLastLine = 65;  // the SHA-256 of all lines above it
constexpr const char* kFolder = "listing";
constexpr const char* kFile = "notes";
constexpr std::uint64_t kLargest = std::uint64_t{256} << 20;

bool fits_on_a_line(std::string_view text) {
  return text.find_first_of("\t\n") == std::string_view::npos;
}

bool fits_on_a_line(const std::string& name, const ListingNote& note) {
  const auto& summary = note.summary;
  return fits_on_a_line(name) && fits_on_a_line(summary.project) &&
         fits_on_a_line(summary.created_at) && fits_on_a_line(summary.platform_version) &&
         std::ranges::all_of(note.files,
                             [](const auto& file) { return fits_on_a_line(file.first); });
}

template <typename Number>
void add(std::string& line, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.append(1, '\t').append(digits.data(), end);
}

void add(std::string& line, const std::string& text) {
  line.append(1, '\t').append(text);
}

void add_line(std::string& text, const std::string& name, const ListingNote& note) {
  const auto& summary = note.summary;
  text += name;
  for (const auto number : {note.manifest.device, note.manifest.inode, note.manifest.bytes}) {
    add(text, number);
  }
  add(text, note.manifest.modified);
  add(text, note.manifest.changed);
  add(text, note.digest);
  add(text, note.bytes);
  add(text, summary.project);
  add(text, summary.created_at);
  add(text, static_cast<int>(summary.status));
  add(text, summary.platform_version);
  for (const auto number : {summary.services, summary.volumes, summary.databases}) {
    add(text, number);
  }
  add(text, summary.stored_bytes);
  add(text, summary.outage_seconds);
  for (const auto& [path, bytes] : note.files) {
    add(text, path);
    add(text, bytes);
  }
  text += '\n';
}

/// The fields of a line, one after the other.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool good() const { return good_; }

  std::string_view text() {
    const auto end = rest_.find('\t');
    good_ = good_ && !done_;
    done_ = end == std::string_view::npos;
    const auto field = rest_.substr(0, end);
    rest_ = done_ ? std::string_view() : rest_.substr(end + 1);
    return field;
  }

  template <typename Number>
  void read(Number& number) {
    const auto field = text();
    const auto [end, problem] = std::from_chars(field.data(), field.data() + field.size(), number);
    good_ = good_ && problem == std::errc() && end == field.data() + field.size();
  }

  void read(std::string& into) { into = text(); }

 private:
  std::string_view rest_;
  bool done_ = false;
  bool good_ = true;
};

/// Absent: the line is none of ours.
std::optional<ListingNote> note_of(Fields& fields) {
  ListingNote note;
  auto& summary = note.summary;
  int status = 0;
  fields.read(note.manifest.device);
  fields.read(note.manifest.inode);
  fields.read(note.manifest.bytes);
  fields.read(note.manifest.modified);
  fields.read(note.manifest.changed);
  fields.read(note.digest);
  fields.read(note.bytes);
  fields.read(summary.project);
  fields.read(summary.created_at);
  fields.read(status);
  fields.read(summary.platform_version);
  fields.read(summary.services);
  fields.read(summary.volumes);
  fields.read(summary.databases);
  fields.read(summary.stored_bytes);
  fields.read(summary.outage_seconds);
  while (fields.good() && !fields.done()) {
    auto& [path, bytes] = note.files.emplace_back();
    fields.read(path);
    fields.read(bytes);
  }
  summary.status = static_cast<Status>(status);
  const bool known = status >= 0 && status <= static_cast<int>(Status::Interrupted);
  return fields.good() && known ? std::optional(std::move(note)) : std::nullopt;
}

std::string digest_of(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

}  // namespace

std::string to_text(const ListingNotes& notes) {
  std::string text(kFirstLine);
  text += '\n';
  for (const auto& [name, note] : notes) {
    if (fits_on_a_line(name, note)) {
      add_line(text, name, note);
    }
  }
  return text + digest_of(text) + '\n';
}

ListingNotes listing_notes_from(std::string_view text) {
  ListingNotes notes;
  if (text.size() < kLastLine) {
    return notes;
  }
  const auto last = text.substr(text.size() - kLastLine);
  text.remove_suffix(kLastLine);
  if (last != digest_of(text) + "\n" || next_line(text) != kFirstLine) {
    return notes;
  }
  while (!text.empty()) {
    Fields fields(next_line(text));
    const auto name = fields.text();
    if (auto note = note_of(fields)) {
      notes.emplace_hint(notes.end(), name, *std::move(note));
    }
  }
  return notes;
}

ListingNotes read_listing_notes(const fs::path& root) {
  const auto folder = state_folder(root, kFolder);
  try {
    return listing_notes_from(read_all(
        open_file_below(open_directory(folder), kFile, folder / kFile), kLargest, folder / kFile));
  } catch (const std::exception&) {
    return {};  // every manifest is read then
  }
}

void write_listing_notes(const fs::path& root, const ListingNotes& notes) {
  try {
    make_state_folder(root, kFolder);
    const auto folder = open_directory(state_folder(root, kFolder));
    if (::flock(folder.fd(), LOCK_EX | LOCK_NB) != 0) {
      return;  // somebody else writes the same
    }
    replace_file(state_folder(root, kFolder), kFile, to_text(notes));
  } catch (const std::exception&) {
    // The next listing takes as long as this one.
  }
}

}  // namespace controller
