#include "controller/cli/command_words.h"

#include <gmock/gmock.h>

#include "controller/api/problem.h"

namespace controller {
namespace {

using testing::ElementsAre;

TEST(CommandWordsTest, BecomeACommandLine) {
  CommandWords words({"restore"});
  words.name("nightly")
      .option("--table", "public.places")
      .option("--as-copy", "")
      .list("--services", {"db", "web"})
      .list("--volume", {})
      .flag("--force")
      .flag("--only-volumes", false);
  EXPECT_THAT(words.words(), ElementsAre("restore", "nightly", "--table=public.places",
                                         "--services=db,web", "--force"));
}

TEST(CommandWordsTest, NothingThatIsSaidBecomesAFlagOrTwoThings) {
  CommandWords words({"delete"});
  EXPECT_THROW(words.name("--yes"), ApiProblem);
  EXPECT_THROW(words.name(""), ApiProblem);
  EXPECT_THROW(words.list("--services", {"a,b"}), ApiProblem);
  EXPECT_THROW(words.list("--services", {""}), ApiProblem);
  words.option("--plan", "--yes");
  EXPECT_THAT(words.words(), ElementsAre("delete", "--plan=--yes"));
}

}  // namespace
}  // namespace controller
