// The Graph on Boost.Graph: an adjacency list seen through a filter that hides what is down.
// Down vertices stay in the view, isolated; Boost's algorithms size their tables by them.
#include "fabric/topology/graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <iterator>
#include <utility>

#include "sim/base/assert.hpp"

namespace pvmsim::fabric {
namespace {

/// Boost edges carry our edge number.
using List = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                   boost::property<boost::edge_index_t, std::uint32_t>>;

/// Hides edges that are down or end at a vertex that is. Vertices stay, isolated: algorithms size their tables by them.
struct UpEdge {
    const List* list = nullptr;
    const std::vector<bool>* edge_up = nullptr;
    const std::vector<bool>* vertex_up = nullptr;
    bool operator()(const List::edge_descriptor& edge) const {
        return (*edge_up)[boost::get(boost::edge_index, *list, edge)] && (*vertex_up)[boost::source(edge, *list)] &&
               (*vertex_up)[boost::target(edge, *list)];
    }
};

using View = boost::filtered_graph<List, UpEdge>;

/// Notes, for each vertex found, over which edge it was found and how far from the start it lies.
class TreeRecorder : public boost::default_bfs_visitor {
  public:
    TreeRecorder(std::vector<std::optional<Hop>>& back, std::vector<std::uint32_t>& distance)
        : back_(&back), distance_(&distance) {}

    template <class Descriptor, class AnyGraph>
    void tree_edge(Descriptor edge, const AnyGraph& graph) const {
        const auto from = boost::source(edge, graph);
        const auto to = boost::target(edge, graph);
        (*back_)[to] = Hop{Vertex{static_cast<std::uint32_t>(from)}, Edge{boost::get(boost::edge_index, graph, edge)}};
        (*distance_)[to] = (*distance_)[from] + 1;
    }

  private:
    std::vector<std::optional<Hop>>* back_;
    std::vector<std::uint32_t>* distance_;
};

}  // namespace

struct Graph::State {
    List list;
    std::vector<std::string> names;
    std::vector<bool> vertex_up;
    std::vector<bool> edge_up;

    [[nodiscard]] View view() const { return View(list, UpEdge{&list, &edge_up, &vertex_up}); }

    void search(Vertex root, std::vector<std::optional<Hop>>& back, std::vector<std::uint32_t>& distance) const {
        back.assign(names.size(), std::nullopt);
        distance.assign(names.size(), 0);
        if (!vertex_up[root.value()]) return;
        const View up = view();
        std::vector<boost::default_color_type> colors(names.size(), boost::white_color);
        boost::breadth_first_search(
            up, root.value(),
            boost::visitor(TreeRecorder(back, distance))
                .color_map(boost::make_iterator_property_map(colors.begin(), boost::get(boost::vertex_index, list))));
    }
};

Graph::Graph() : state_(std::make_unique<State>()) {}
Graph::~Graph() = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;

Vertex Graph::add_vertex(std::string name) {
    const auto number = boost::add_vertex(state_->list);
    state_->names.push_back(std::move(name));
    state_->vertex_up.push_back(true);
    return Vertex{static_cast<std::uint32_t>(number)};
}

Edge Graph::add_edge(Vertex a, Vertex b) {
    PVMSIM_ASSERT(a.value() < state_->names.size());
    PVMSIM_ASSERT(b.value() < state_->names.size());
    PVMSIM_ASSERT(a != b);
    const auto number = static_cast<std::uint32_t>(state_->edge_up.size());
    boost::add_edge(a.value(), b.value(), number, state_->list);
    state_->edge_up.push_back(true);
    return Edge{number};
}

void Graph::set_vertex_up(Vertex vertex, bool up) { state_->vertex_up.at(vertex.value()) = up; }
void Graph::set_edge_up(Edge edge, bool up) { state_->edge_up.at(edge.value()) = up; }
bool Graph::is_up(Vertex vertex) const { return state_->vertex_up.at(vertex.value()); }
bool Graph::is_up(Edge edge) const { return state_->edge_up.at(edge.value()); }

std::size_t Graph::vertex_count() const { return state_->names.size(); }
std::string_view Graph::name_of(Vertex vertex) const { return state_->names.at(vertex.value()); }

std::optional<Vertex> Graph::find(std::string_view name) const {
    const auto found = std::ranges::find(state_->names, name);
    if (found == state_->names.end()) return std::nullopt;
    return Vertex{static_cast<std::uint32_t>(found - state_->names.begin())};
}

bool Graph::reachable(Vertex from, Vertex to) const {
    if (from == to) return is_up(from);
    return hops_towards(to).at(from.value()).has_value();
}

std::optional<Hop> Graph::next_hop(Vertex from, Vertex to) const { return hops_towards(to).at(from.value()); }

std::vector<std::optional<Hop>> Graph::hops_towards(Vertex target) const {
    std::vector<std::optional<Hop>> back;
    std::vector<std::uint32_t> distance;
    state_->search(target, back, distance);
    return back;
}

std::vector<std::optional<std::uint32_t>> Graph::distances_from(Vertex root) const {
    std::vector<std::optional<Hop>> back;
    std::vector<std::uint32_t> distance;
    state_->search(root, back, distance);
    std::vector<std::optional<std::uint32_t>> result(distance.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (back[i] || (i == root.value() && is_up(root))) result[i] = distance[i];
    }
    return result;
}

std::vector<std::optional<std::uint32_t>> Graph::components() const {
    const View up = state_->view();
    std::vector<std::uint32_t> number(vertex_count(), 0);
    const auto index = boost::get(boost::vertex_index, state_->list);
    boost::connected_components(up, boost::make_iterator_property_map(number.begin(), index));
    std::vector<std::optional<std::uint32_t>> result(number.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (state_->vertex_up[i]) result[i] = number[i];
    }
    return result;
}

std::vector<Vertex> Graph::articulation_points() const {
    const View up = state_->view();
    std::vector<std::size_t> found;
    boost::articulation_points(up, std::back_inserter(found));
    std::ranges::sort(found);
    std::vector<Vertex> result;
    for (auto vertex : found) result.push_back(Vertex{static_cast<std::uint32_t>(vertex)});
    return result;
}

}  // namespace pvmsim::fabric
