// What the current folder tells of the stack that is meant, as Compose would read it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace plugin {

/// The nearest folder that has a Compose file, from `start` upwards; `start` if none has.
std::filesystem::path stack_folder(const std::filesystem::path& start);

/// The value of COMPOSE_PROJECT_NAME in the text of an .env file; absent if it has none.
std::optional<std::string> project_in_dotenv(std::string_view text);

/// The project's name in what `docker compose config --format json` printed; absent if there is
/// none.
std::optional<std::string> project_in_config(const std::string& json);

}  // namespace plugin
