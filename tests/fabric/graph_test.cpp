// Graph: reachability, shortest first steps, components and articulation points of what is up.
// The property holds the three views of one graph against each other.
#include "fabric/topology/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pvmsim::fabric {
namespace {

/// a - b - c - d, with a second way a - e - c.
struct Site {
    Graph graph;
    Vertex a = graph.add_vertex("a"), b = graph.add_vertex("b"), c = graph.add_vertex("c"), d = graph.add_vertex("d"),
           e = graph.add_vertex("e");
    Edge ab = graph.add_edge(a, b), bc = graph.add_edge(b, c), cd = graph.add_edge(c, d), ae = graph.add_edge(a, e),
         ec = graph.add_edge(e, c);
};

TEST(GraphTest, next_hop_takes_the_first_added_of_equal_paths_and_the_other_when_it_breaks) {
    Site site;
    EXPECT_EQ(site.graph.next_hop(site.d, site.a), (Hop{site.c, site.cd}));
    EXPECT_EQ(site.graph.next_hop(site.c, site.a), (Hop{site.b, site.bc}));
    site.graph.set_vertex_up(site.b, false);
    EXPECT_EQ(site.graph.next_hop(site.c, site.a), (Hop{site.e, site.ec}));
    site.graph.set_edge_up(site.ae, false);
    EXPECT_EQ(site.graph.next_hop(site.c, site.a), std::nullopt);
    EXPECT_FALSE(site.graph.reachable(site.d, site.a));
    EXPECT_TRUE(site.graph.reachable(site.d, site.e));
    site.graph.set_vertex_up(site.b, true);
    EXPECT_TRUE(site.graph.reachable(site.d, site.a));
}

TEST(GraphTest, what_is_down_reaches_nothing_not_even_itself) {
    Site site;
    EXPECT_TRUE(site.graph.reachable(site.a, site.a));
    EXPECT_EQ(site.graph.next_hop(site.a, site.a), std::nullopt);
    site.graph.set_vertex_up(site.a, false);
    EXPECT_FALSE(site.graph.reachable(site.a, site.a));
    EXPECT_FALSE(site.graph.reachable(site.a, site.b));
    EXPECT_FALSE(site.graph.reachable(site.b, site.a));
    EXPECT_EQ(site.graph.components()[site.a.value()], std::nullopt);
}

TEST(GraphTest, distances_count_steps) {
    Site site;
    using testing::ElementsAre;
    EXPECT_THAT(site.graph.distances_from(site.a), ElementsAre(0u, 1u, 2u, 3u, 1u));
    site.graph.set_edge_up(site.cd, false);
    EXPECT_THAT(site.graph.distances_from(site.a), ElementsAre(0u, 1u, 2u, std::nullopt, 1u));
}

TEST(GraphTest, articulation_points_are_single_points_of_failure) {
    Site site;
    using testing::ElementsAre;
    EXPECT_THAT(site.graph.articulation_points(), ElementsAre(site.c));
    site.graph.set_edge_up(site.ae, false);
    EXPECT_THAT(site.graph.articulation_points(), ElementsAre(site.b, site.c));
}

TEST(GraphTest, names_find_their_vertex) {
    Site site;
    EXPECT_EQ(site.graph.find("d"), site.d);
    EXPECT_EQ(site.graph.find("z"), std::nullopt);
    EXPECT_EQ(site.graph.name_of(site.e), "e");
}

RC_GTEST_PROP(GraphTest, components_articulation_points_and_paths_agree, ()) {
    const auto count = *rc::gen::inRange<std::uint32_t>(2, 9);
    Graph graph;
    for (std::uint32_t i = 0; i < count; ++i) graph.add_vertex(std::to_string(i));
    const auto pairs = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint32_t>>>(
        rc::gen::pair(rc::gen::inRange<std::uint32_t>(0, count), rc::gen::inRange<std::uint32_t>(0, count)));
    for (auto [a, b] : pairs) {
        if (a != b) graph.set_edge_up(graph.add_edge(Vertex{a}, Vertex{b}), *rc::gen::arbitrary<bool>());
    }
    const auto components = graph.components();
    const auto parts = [](const Graph& of) {
        std::vector<std::uint32_t> seen;
        for (const auto& number : of.components()) {
            if (number && std::ranges::find(seen, *number) == seen.end()) seen.push_back(*number);
        }
        return seen.size();
    };
    const auto whole = parts(graph);
    const auto points = graph.articulation_points();
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto hops = graph.hops_towards(Vertex{i});
        for (std::uint32_t j = 0; j < count; ++j) {
            RC_ASSERT(graph.reachable(Vertex{i}, Vertex{j}) == (components[i] == components[j]));
            std::uint32_t steps = 0;
            auto at = j;
            for (; hops[at] && steps <= count; ++steps) at = hops[at]->vertex.value();
            RC_ASSERT(steps <= count);
            RC_ASSERT((at == i) == (components[i] == components[j]));
        }
        // Without an articulation point there are more parts; without another vertex at most its own part is gone.
        graph.set_vertex_up(Vertex{i}, false);
        RC_ASSERT((parts(graph) > whole) == (std::ranges::find(points, Vertex{i}) != points.end()));
        graph.set_vertex_up(Vertex{i}, true);
    }
}

}  // namespace
}  // namespace pvmsim::fabric
