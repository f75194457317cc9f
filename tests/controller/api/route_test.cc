#include "controller/api/route.h"

#include <gmock/gmock.h>

namespace controller {
namespace {

using testing::ElementsAre;
using testing::Pair;

Route route(const std::string& method, const std::string& path) {
  Route one;
  one.method = method;
  one.path = path;
  return one;
}

const std::vector<Route> kRoutes = {route("GET", "/snapshots"), route("GET", "/snapshots/{name}"),
                                    route("DELETE", "/snapshots/{name}"),
                                    route("POST", "/snapshots/{name}/restore")};

TEST(RouteTest, FindsByMethodAndPath) {
  EXPECT_EQ(find_route(kRoutes, "GET", "/snapshots")->route, &kRoutes[0]);
  EXPECT_EQ(find_route(kRoutes, "HEAD", "/snapshots")->route, &kRoutes[0]);
  const auto found = find_route(kRoutes, "POST", "/snapshots/nightly/restore");
  EXPECT_EQ(found->route, &kRoutes[3]);
  EXPECT_THAT(found->parameters, ElementsAre(Pair("name", "nightly")));
}

TEST(RouteTest, FindsNothingElse) {
  for (const char* path : {"/snapshots/", "/snapshots//restore", "/snapshots/a/b/restore", "/snap",
                           "/snapshots/a/restore/", "/", "", "snapshots"}) {
    EXPECT_FALSE(find_route(kRoutes, "GET", path)) << path;
    EXPECT_FALSE(find_route(kRoutes, "POST", path)) << path;
  }
  EXPECT_FALSE(find_route(kRoutes, "POST", "/snapshots"));
}

TEST(RouteTest, TellsWhichMethodsAPathKnows) {
  EXPECT_EQ(methods_at(kRoutes, "/snapshots/nightly"), "GET, DELETE");
  EXPECT_EQ(methods_at(kRoutes, "/nothing"), "");
}

}  // namespace
}  // namespace controller
