#include "controller/access/tokens.h"
#include "controller/api/api_gate.h"
#include "controller/cli/api_problems.h"
#include "controller/cli/api_routes.h"
#include "tests/controller/access/access_file_fixture.h"
#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/step_clock.h"

namespace controller {
namespace {

using std::chrono::milliseconds;

/// A snapshot "saved", and a token that may download it.
class DownloadRoutesTest : public AccessFileTest {
 protected:
  DownloadRoutesTest() {
    settings_.store = folder_.path() / "store";
    write_snapshot(*open_directory_store(settings_.store), "saved");
  }

  ApiContent all_of_it() {
    ApiRequest request;
    request.method = "GET";
    request.path = "/api/v1/snapshots/saved/archive";
    request.headers = {{"host", "localhost:8080"},
                       {"authorization", "Bearer " + token_.text.reveal()}};
    auto answer = gate_.answer(std::move(request));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return std::move(answer.content).value();
  }

  Settings settings_;
  SharedBook book_{folder_.path() / "jobs.db"};
  AskedCommands commands_{own_environment};
  EventFeed feed_{book_, folder_.path() / "store"};
  Seats streams_{1};
  Seats downloads_{1};
  fakes::StepClock clock_;
  GuardRules rules_{{"localhost"}, "", {}};
  Tokens::Made token_ = Tokens(file_).make("ci", {Scope::Restore}, kNow);
  ApiGate gate_{
      download_routes({settings_, book_, commands_, file_, feed_, streams_, downloads_, clock_}),
      file_, rules_, clock_, [](const std::exception& error) { return problem_of(error); }};
};

TEST_F(DownloadRoutesTest, ADownloadEndsWithTheRightToIt) {
  const auto content = all_of_it();
  int pieces = 0;

  const bool whole = content.send(0, content.length, [&](std::string_view) {
    if (++pieces == 1) {
      Tokens(file_).revoke(token_.token.id);
    }
    clock_.sleep(milliseconds{2500});
    return true;
  });

  EXPECT_FALSE(whole);
  EXPECT_EQ(pieces, 2) << "it is asked every five seconds";
}

TEST_F(DownloadRoutesTest, ADownloadMayTakeAsLongAsItNeeds) {
  const auto content = all_of_it();
  std::uint64_t bytes = 0;

  const bool whole = content.send(0, content.length, [&](std::string_view piece) {
    bytes += piece.size();
    clock_.sleep(std::chrono::hours{24});
    return true;
  });

  EXPECT_TRUE(whole);
  EXPECT_EQ(bytes, content.length);
}

}  // namespace
}  // namespace controller
