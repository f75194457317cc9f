// A file of users, tokens and sessions in a folder of its own.
#pragma once

#include <gmock/gmock.h>

#include "controller/access/access_file.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {

class AccessFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const {
    return folder_.path() / ".cofferdam" / "access.db";
  }

  TemporaryFolder folder_;
  AccessFile file_{path()};
};

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds{1'800'000'000}};

}  // namespace controller
