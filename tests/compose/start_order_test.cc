#include "compose/start_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/compose/stack_text.h"

namespace {

using compose_test::stack_of;

std::string order(const std::string& text, const std::set<std::string>& nodes) {
  const auto result = compose::start_order(stack_of(text), nodes);
  std::string out;
  for (const auto& level : result.levels) {
    for (const auto& node : level) {
      out += node + " ";
    }
    out += "\n";
  }
  for (const auto& cycle : result.broken_cycles) {
    out += cycle + "\n";
  }
  return out;
}

std::string touched(const std::string& text, const std::set<std::string>& seeds,
                    const std::set<std::string>& staying = {}) {
  std::vector<compose::Touched> seed;
  seed.reserve(seeds.size());
  for (const auto& name : seeds) {
    seed.push_back({name, "writes"});
  }
  std::string out;
  for (const auto& node : compose::touched_services(stack_of(text), seed, staying)) {
    out += node.name + ": " + node.reason + "\n";
  }
  return out;
}

TEST(StartOrder, PutsEveryServiceAfterWhatItNeeds) {
  EXPECT_EQ(order("service web needs=app\n"
                  "service app needs=db,cache\n"
                  "service db\n"
                  "service cache\n",
                  {"web", "app", "db", "cache"}),
            "cache db \napp \nweb \n");
}

TEST(StartOrder, CountsDependenciesThroughServicesThatAreNotAsked) {
  EXPECT_EQ(order("service web needs=app\n"
                  "service app needs=db\n"
                  "service db\n",
                  {"web", "db"}),
            "db \nweb \n");
}

TEST(StartOrder, KeepsOneLevelWhereNobodyNeedsAnybody) {
  EXPECT_EQ(order("service a\nservice b\n", {"b", "a"}), "a b \n");
}

TEST(StartOrder, OfNothingHasNoLevel) {
  EXPECT_EQ(order("service a\n", {}), "");
}

TEST(StartOrder, OrdersOtherProjectsToo) {
  EXPECT_EQ(order("service vpn project=net\nservice web net=net-vpn-1\n", {"net/vpn", "web"}),
            "net/vpn \nweb \n");
}

// Whoever was created first did without the other once already.
TEST(StartOrder, BreaksACycleAtItsOldestNode) {
  EXPECT_EQ(order("service b needs=a\nservice a needs=b\n", {"a", "b"}),
            "b \na \na -> b -> a: edge b -> a ignored\n");
  EXPECT_EQ(order("service a needs=b\nservice b needs=a\n", {"a", "b"}),
            "a \nb \na -> b -> a: edge a -> b ignored\n");
}

TEST(StartOrder, BreaksANamespaceLast) {
  EXPECT_EQ(order("service a net=shop-b-1\nservice b needs=a\n", {"a", "b"}),
            "b \na \na -> b -> a: edge b -> a ignored\n");
}

TEST(StartOrder, BreaksSeveralCycles) {
  EXPECT_EQ(order("service a needs=b\nservice b needs=a,c\nservice c needs=b\n", {"a", "b", "c"}),
            "a \nb \nc \n"
            "a -> b -> a: edge a -> b ignored\n"
            "b -> c -> b: edge b -> c ignored\n");
}

TEST(Touched, AreSharersOfNamespacesAndThoseThatRestart) {
  EXPECT_EQ(touched("service vpn\n"
                    "service torrent net=shop-vpn-1\n"
                    "service trace pid=shop-torrent-1\n"
                    "service ui needs=torrent:service_started:true\n"
                    "service blog needs=vpn:service_started:false\n"
                    "container probe net=shop-vpn-1\n"
                    "service shell oneoff net=shop-vpn-1\n",
                    {"vpn"}),
            "/probe: shares the network of vpn\n"
            "/shop-shell-1: shares the network of vpn\n"
            "torrent: shares the network of vpn\n"
            "trace: shares the pid of torrent\n"
            "ui: depends on torrent, restart: true\n"
            "vpn: writes\n");
}

TEST(Touched, DrawsNothingThroughWhatStays) {
  EXPECT_EQ(touched("service a\n"
                    "service b needs=a:service_started:true\n"
                    "service c needs=b:service_started:true\n",
                    {"a"}, {"b"}),
            "a: writes\n");
}

std::string random_stack(std::mt19937& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "service s" + std::to_string(i);
    text += compose_test::random_needs(random, i, count) + "\n";
  }
  return text;
}

std::set<std::string> random_part(std::mt19937& random, const compose::Stack& stack) {
  std::set<std::string> nodes;
  for (const auto& service : stack.services) {
    if (random() % 4 != 0) {
      nodes.insert(service.name);
    }
  }
  return nodes;
}

std::map<std::string, std::size_t> levels_of(const compose::StartOrder& order) {
  std::map<std::string, std::size_t> level_of;
  for (std::size_t level = 0; level < order.levels.size(); ++level) {
    EXPECT_FALSE(order.levels[level].empty());
    for (const auto& node : order.levels[level]) {
      EXPECT_TRUE(level_of.emplace(node, level).second) << node << " comes twice";
    }
  }
  return level_of;
}

bool is_broken(const compose::StartOrder& order, const compose::Dependency& edge) {
  const auto text = "edge " + edge.from + " -> " + edge.to + " ignored";
  return std::any_of(order.broken_cycles.begin(), order.broken_cycles.end(),
                     [&](const auto& cycle) { return cycle.ends_with(text); });
}

// Whatever the graph: everybody comes once, and an edge that was not broken points down.
TEST(StartOrder, HoldsForRandomGraphs) {
  std::mt19937 random(20261120);
  for (int round = 0; round < 300; ++round) {
    const auto text = random_stack(random, 2 + random() % 9);
    SCOPED_TRACE(text);
    const auto stack = stack_of(text);
    const auto nodes = random_part(random, stack);

    const auto result = compose::start_order(stack, nodes);

    const auto level_of = levels_of(result);
    EXPECT_EQ(level_of.size(), nodes.size());
    for (const auto& edge : stack.dependencies) {
      if (!is_broken(result, edge) && nodes.contains(edge.from) && nodes.contains(edge.to)) {
        EXPECT_LT(level_of.at(edge.to), level_of.at(edge.from)) << edge.from << " -> " << edge.to;
      }
    }
  }
}

}  // namespace
