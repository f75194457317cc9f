#include "controller/cli/completion.h"

#include <stdexcept>

#include "controller/snapshot/shell_quote.h"

namespace controller {

namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : between) + word;
  }
  return text;
}

std::vector<std::string> names_of(const std::vector<CompletedCommand>& commands) {
  std::vector<std::string> names;
  for (const auto& command : commands) {
    names.push_back(command.name);
  }
  return names;
}

std::string bash_script(const std::vector<CompletedCommand>& commands) {
  std::string text =
      "_cofferdam() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '" +
      joined(names_of(commands), " ") +
      "' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const auto& command : commands) {
    text += "    " + command.name + ") COMPREPLY=($(compgen -W \"" + joined(command.options, " ") +
            (command.takes_snapshot ? " $(cofferdam list --quiet 2>/dev/null)" : "") +
            "\" -- \"$word\")) ;;\n";
  }
  return text + "  esac\n}\ncomplete -F _cofferdam cofferdam\n";
}

std::string zsh_script(const std::vector<CompletedCommand>& commands) {
  std::string text =
      "#compdef cofferdam\n"
      "_cofferdam() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    local -a commands=(\n";
  for (const auto& command : commands) {
    text += "      " + shell_quoted(command.name + ":" + command.help) + "\n";
  }
  text +=
      "    )\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n";
  for (const auto& command : commands) {
    text += "    " + command.name + ") compadd -- " + joined(command.options, " ") +
            (command.takes_snapshot ? " ${(f)\"$(cofferdam list --quiet 2>/dev/null)\"}" : "") +
            " ;;\n";
  }
  return text + "  esac\n}\ncompdef _cofferdam cofferdam\n";
}

std::string fish_script(const std::vector<CompletedCommand>& commands) {
  std::string text = "complete -c cofferdam -f\n";
  for (const auto& command : commands) {
    text += "complete -c cofferdam -n __fish_use_subcommand -a " + command.name + " -d " +
            shell_quoted(command.help) + "\n";
    const std::string when =
        "complete -c cofferdam -n '__fish_seen_subcommand_from " + command.name + "' ";
    for (const auto& option : command.options) {
      if (option.starts_with("--")) {
        text += when + "-l " + option.substr(2) + "\n";
      }
    }
    if (command.takes_snapshot) {
      text += when + "-a '(cofferdam list --quiet 2>/dev/null)'\n";
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const std::string& shell,
                              const std::vector<CompletedCommand>& commands) {
  if (shell == "bash") {
    return bash_script(commands);
  }
  if (shell == "zsh") {
    return zsh_script(commands);
  }
  if (shell == "fish") {
    return fish_script(commands);
  }
  throw std::invalid_argument("no completion for the shell \"" + shell +
                              "\"; there is bash, zsh and fish");
}

std::string offered_words(const std::vector<CompletedCommand>& commands,
                          const std::vector<std::string>& typed,
                          const std::function<std::vector<std::string>()>& snapshots) {
  std::string text;
  const auto offer = [&](const std::string& word, const std::string& behind) {
    if (!typed.empty() && word.starts_with(typed.back())) {
      text += word + behind + "\n";
    }
  };
  for (const auto& command : commands) {
    if (typed.size() == 1) {
      offer(command.name, "\t" + command.help);
    } else if (typed.size() > 1 && command.name == typed.front()) {
      for (const auto& option : command.options) {
        offer(option, "");
      }
      for (const auto& name : command.takes_snapshot ? snapshots() : std::vector<std::string>()) {
        offer(name, "");
      }
    }
  }
  constexpr const char* kNoFiles = ":4\n";
  return text + kNoFiles;
}

}  // namespace controller
