// The containers that run `cofferdam serve`, and which of them is a stack's.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace plugin {

struct Sidecar {
  std::string id;
  std::string state;  // as Docker calls it: "running", "exited", …
  std::string name;
  std::string project;
  std::filesystem::path folder;  // where `docker compose` deployed the project from

  friend bool operator==(const Sidecar&, const Sidecar&) = default;
};

/// A Compose project, and who said that it is meant.
struct MeantProject {
  std::string name;
  std::string told_by;  // "--project"

  friend bool operator==(const MeantProject&, const MeantProject&) = default;
};

/// There is no sidecar that the command could run in; the text says what to do.
class NoSidecar : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Words for the docker CLI that list every sidecar of an engine, whatever its state.
const std::vector<std::string>& listing_words();

/// What that command printed.
std::vector<Sidecar> sidecars_in(std::string_view listing);

/// The one project that was deployed from `folder` and has a sidecar; absent if none or several
/// were.
std::optional<MeantProject> project_deployed_from(const std::filesystem::path& folder,
                                                  const std::vector<Sidecar>& sidecars);

/// The running one of the project.  Throws NoSidecar: there is none, it does not run, there are
/// several.
Sidecar sidecar_of(const MeantProject& project, const std::vector<Sidecar>& sidecars);

/// "; this engine has sidecars of: shop, wiki", or that it has none.
std::string known_projects(const std::vector<Sidecar>& sidecars);

}  // namespace plugin
