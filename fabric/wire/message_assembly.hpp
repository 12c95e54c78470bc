// MessageAssembly: puts the parts of messages together at their receiver: a message is there when all of its bytes are.
//
// Parts may come in any order and twice. A receiver keeps so many unfinished messages; then the oldest is given up, as
// IP gives up fragments and an application a broken connection. No timer of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "fabric/wire/message_part.hpp"
#include "sim/engine/digest.hpp"

namespace pvmsim::wire {

class MessageAssembly {
  public:
    static constexpr std::size_t kUnfinishedMax = 64;  ///< [PARAM] our choice

    struct Message {
        Frame frame;                      ///< as if it had come in one
        std::uint32_t segment_bytes = 0;  ///< largest frame its sender made of it; 0: it was one frame
    };
    /// The message that the frame completes.
    [[nodiscard]] std::optional<Message> add(const Frame& frame);

    void forget() { unfinished_.clear(); }
    [[nodiscard]] std::size_t unfinished() const { return unfinished_.size(); }
    [[nodiscard]] std::uint64_t given_up() const { return given_up_; }
    void digest(sim::Digest& digest) const;

  private:
    struct Range {
        std::uint32_t begin;
        std::uint32_t end;
    };
    struct Unfinished {
        Ipv4Address source;
        std::uint32_t serial;
        FrameType type;
        std::uint32_t segment_bytes = 0;
        std::vector<Range> ranges;  ///< sorted, apart from each other
    };
    static void insert(std::vector<Range>& ranges, Range range);

    std::deque<Unfinished> unfinished_;
    std::uint64_t given_up_ = 0;
};

}  // namespace pvmsim::wire
