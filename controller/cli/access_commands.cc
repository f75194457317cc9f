#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "controller/access/audit_log.h"
#include "controller/access/tokens.h"
#include "controller/access/users.h"
#include "controller/api/token_views.h"
#include "controller/cli/access_settings.h"
#include "controller/cli/access_views.h"
#include "controller/cli/commands.h"
#include "controller/clock.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

/// While it lives, what is typed is not shown.
class Silence {
 public:
  Silence() : quiet_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (quiet_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (quiet_) {
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
  }

 private:
  termios before_{};
  bool quiet_;
};

Secret typed(const std::string& question) {
  std::string text;
  const bool asks = isatty(STDIN_FILENO) != 0;
  if (asks) {
    std::cerr << question << std::flush;
  }
  const Silence silence;
  std::getline(std::cin, text);
  if (asks) {
    std::cerr << "\n";
  }
  return Secret(text);
}

/// Asked for twice on a terminal; else the first line of stdin.
Secret new_password(const std::string& user) {
  auto password = typed("new password of " + user + ": ");
  if (isatty(STDIN_FILENO) != 0 && typed("again: ").reveal() != password.reveal()) {
    throw UsageError("the two are not the same");
  }
  return password;
}

/// The file, and what is written down of a change by somebody at the sidecar's own command line.
class AccessPlace {
 public:
  explicit AccessPlace(const Settings& settings) : file_(access_file(settings)) {}

  AccessFile& file() { return file_; }

  void note(const std::string& action, const std::string& object) {
    AuditLog(file_).add({rfc3339(now_in_seconds()), "cli", "", action, object, "ok"});
  }

 private:
  AccessFile file_;
};

}  // namespace

ExitCode run_user_set(const CommandContext& context, const std::string& name) {
  AccessPlace place(context.settings);
  Users(place.file()).put(name, new_password(name), now_in_seconds());
  place.note("user set", name);
  if (!context.output.quiet) {
    complain("user " + name + " has that password now");
  }
  return ExitCode::Success;
}

ExitCode run_user_ls(const CommandContext& context) {
  AccessPlace place(context.settings);
  const auto users = Users(place.file()).all();
  print(context.output.json ? users_json(users) : users_text(users));
  return ExitCode::Success;
}

ExitCode run_user_rm(const CommandContext& context, const std::string& name) {
  AccessPlace place(context.settings);
  if (!Users(place.file()).remove(name)) {
    throw NoSuchSnapshot("there is no user " + name + "; see `cofferdam user ls`");
  }
  place.note("user rm", name);
  return ExitCode::Success;
}

ExitCode run_token_create(const CommandContext& context, const TokenWords& words) {
  AccessPlace place(context.settings);
  const auto made =
      Tokens(place.file()).make(words.name, parse_scopes(words.scopes), now_in_seconds());
  place.note("token create", made.token.id);
  if (!context.output.json && !context.output.quiet) {
    complain("token " + made.token.id + ", shown only this once:");
  }
  print(context.output.json ? made_token_json(made) : made.text.reveal() + "\n");
  return ExitCode::Success;
}

ExitCode run_token_ls(const CommandContext& context) {
  AccessPlace place(context.settings);
  const auto tokens = Tokens(place.file()).all();
  print(context.output.json ? tokens_json(tokens) : tokens_text(tokens));
  return ExitCode::Success;
}

ExitCode run_token_revoke(const CommandContext& context, const std::string& id) {
  AccessPlace place(context.settings);
  if (!Tokens(place.file()).revoke(id)) {
    throw NoSuchSnapshot("there is no token " + id + "; see `cofferdam token ls`");
  }
  place.note("token revoke", id);
  return ExitCode::Success;
}

ExitCode run_audit(const CommandContext& context) {
  AccessPlace place(context.settings);
  const auto trail = AuditLog(place.file()).read();
  print(context.output.json ? audit_json(trail) : audit_text(trail));
  return trail.problem.empty() ? ExitCode::Success : ExitCode::Integrity;
}

}  // namespace controller
