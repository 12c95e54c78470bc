// Graph: what is joined to what, and what that means when parts fail. An undirected graph whose vertices and edges can
// be up or down; every question is about the part that is up.
//
// A plain face before Boost.Graph, whose headers stay in graph.cpp. Answers are deterministic: searches visit edges in
// the order they were added. Serves the spanning tree of a Lan, the routes of a San, and single points of failure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/strong_id.hpp"

namespace pvmsim::fabric {

struct VertexTag;
/// Numbered from 0 in the order of addition.
using Vertex = sim::StrongId<VertexTag>;
struct EdgeTag;
/// Numbered from 0 in the order of addition.
using Edge = sim::StrongId<EdgeTag>;

/// One step along a path: the edge taken and the vertex it leads to.
struct Hop {
    Vertex vertex;
    Edge edge;
    friend bool operator==(const Hop&, const Hop&) = default;
};

class Graph {
  public:
    Graph();
    ~Graph();
    Graph(Graph&&) noexcept;
    Graph& operator=(Graph&&) noexcept;

    /// Starts up.
    Vertex add_vertex(std::string name);
    /// Starts up. Parallel edges are welcome, an edge from a vertex to itself is not.
    Edge add_edge(Vertex a, Vertex b);

    void set_vertex_up(Vertex vertex, bool up);
    void set_edge_up(Edge edge, bool up);
    [[nodiscard]] bool is_up(Vertex vertex) const;
    [[nodiscard]] bool is_up(Edge edge) const;

    [[nodiscard]] std::size_t vertex_count() const;
    [[nodiscard]] std::string_view name_of(Vertex vertex) const;
    [[nodiscard]] std::optional<Vertex> find(std::string_view name) const;

    /// A vertex that is up reaches itself.
    [[nodiscard]] bool reachable(Vertex from, Vertex to) const;
    /// First step of a shortest path; nullopt when there is none or it has no step.
    [[nodiscard]] std::optional<Hop> next_hop(Vertex from, Vertex to) const;
    /// For every vertex the first step of a shortest path to `target`; nullopt for the target and the unreachable.
    [[nodiscard]] std::vector<std::optional<Hop>> hops_towards(Vertex target) const;
    /// For every vertex the number of steps from `root`; nullopt for the unreachable.
    [[nodiscard]] std::vector<std::optional<std::uint32_t>> distances_from(Vertex root) const;
    /// For every vertex the number of its connected component, from 0; nullopt for vertices that are down.
    [[nodiscard]] std::vector<std::optional<std::uint32_t>> components() const;
    /// The vertices whose loss would split a component, in order.
    [[nodiscard]] std::vector<Vertex> articulation_points() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pvmsim::fabric
