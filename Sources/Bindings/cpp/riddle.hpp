// riddle.hpp: the Riddle scorer in C++17, header only, over riddle.h.
//
//   riddle::Router router = riddle::Router::open("router.riddle");
//   riddle::Scratch scratch(router);                            // one per thread
//   riddle::Decision decision = router.decide(scratch, "How do I reset my password?");
//   std::cout << router.candidates()[decision.candidate] << ' ' << decision.probability << '\n';
//
// A Router never changes and may be used by many threads at once; a Scratch by one at a time. Both move and do not copy.
// Failures throw riddle::Error. Deciding allocates nothing once the scratch has grown to the longest query.
#ifndef RIDDLE_HPP
#define RIDDLE_HPP

#include "riddle.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riddle {

/// Why a call failed: a RIDDLE_... code, and for a weight file the place and both numbers, as in riddle_error.
class Error : public std::runtime_error {
 public:
  explicit Error(int code, const std::string &message) : std::runtime_error(message) {
    details.size = sizeof details;
    details.code = code;
  }
  explicit Error(const riddle_error &error, const std::string &path)
      : std::runtime_error((path.empty() ? "" : path + ": ") + error.message), details(error) {}
  int code() const noexcept { return details.code; }
  /// Section, offset, expected and actual number.
  riddle_error details{};
};

/// What is known about a request beside its text.
struct Context {
  std::int32_t turn = 0;  ///< position in the conversation from 1; 0 unknown
  std::string_view user_tier{}, task_type{}, domain{};  ///< empty: unknown
  const float *embedding = nullptr;  ///< null: unknown
  std::size_t embedding_count = 0;
};

/// See riddle_decision.
struct Decision {
  std::uint32_t candidate = 0;
  std::uint32_t head = 0;
  double margin = 0, threshold = 0, probability = 0;
};

/// Decisions of a batch, one entry per query.
struct Decisions {
  std::vector<std::uint32_t> candidates;
  std::vector<double> margins, probabilities;
};

class Router;

/// Working memory for the queries of one router.
class Scratch {
 public:
  explicit Scratch(const Router &router);
  riddle_scratch *get() const noexcept { return pointer_.get(); }

 private:
  struct Destroy {
    void operator()(riddle_scratch *pointer) const noexcept { riddle_scratch_destroy(pointer); }
  };
  std::unique_ptr<riddle_scratch, Destroy> pointer_;
};

/// A router opened from a weight file.
class Router {
 public:
  /// Validates the bytes of a weight file and copies what it needs of them. Throws Error.
  explicit Router(std::string_view bytes, const std::string &path = {}) {
    riddle_error error{};
    error.size = sizeof error;
    riddle_router *router = nullptr;
    const auto *data = reinterpret_cast<const std::uint8_t *>(bytes.data());
    if (riddle_router_create(data, bytes.size(), &router, &error) != RIDDLE_OK) throw Error(error, path);
    pointer_.reset(router);
    for (std::int32_t i = 0; i < riddle_router_candidate_count(router); i++) {
      candidates_.push_back(text([&](char *buffer, std::size_t capacity) {
        return riddle_router_candidate_name(router, i, buffer, capacity);
      }));
    }
  }

  /// Opens a weight file. Throws Error; a file that cannot be read has code RIDDLE_NOT_A_WEIGHT_FILE.
  static Router open(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.is_open() || file.bad()) throw Error(RIDDLE_NOT_A_WEIGHT_FILE, path + ": cannot be read");
    return Router(bytes, path);
  }

  /// Decides one query. Throws Error for an embedding that is not finite or has the wrong length.
  Decision decide(const Scratch &scratch, std::string_view text, const Context &context = {}) const {
    const riddle_query query = request(text, context);
    riddle_decision decision{};
    decision.size = sizeof decision;
    check(riddle_decide(get(), scratch.get(), &query, &decision), "riddle_decide");
    return {decision.candidate, decision.head, decision.margin, decision.threshold, decision.probability};
  }

  /// Decides many queries that lie one after the other: query i is text[offsets[i]] up to text[offsets[i + 1]]. Context is
  /// that of all of them; its embedding is not used.
  Decisions decide_batch(const Scratch &scratch, std::string_view text, const std::vector<std::uint64_t> &offsets,
                         const Context &context = {}) const {
    Decisions out;
    if (offsets.empty()) return out;
    const std::size_t count = offsets.size() - 1;
    out.candidates.resize(count);
    out.margins.resize(count);
    out.probabilities.resize(count);
    std::vector<std::int32_t> turns(context.turn == 0 ? 0 : count, context.turn);
    riddle_batch batch{};
    batch.size = sizeof batch;
    batch.count = count;
    batch.text = text.data();
    batch.text_length = text.size();
    batch.offsets = offsets.data();
    batch.turns = turns.empty() ? nullptr : turns.data();
    name_context(batch, context);
    batch.candidates = out.candidates.data();
    batch.margins = out.margins.data();
    batch.probabilities = out.probabilities.data();
    check(riddle_decide_batch(get(), scratch.get(), &batch), "riddle_decide_batch");
    return out;
  }

  /// Margins of all steps of one query: one fewer than candidates.
  std::vector<double> step_margins(const Scratch &scratch, std::string_view text, const Context &context = {}) const {
    const riddle_query query = request(text, context);
    std::vector<double> margins(candidates_.size() - 1);
    check(riddle_step_margins(get(), scratch.get(), &query, margins.data(), margins.size()), "riddle_step_margins");
    return margins;
  }

  /// Names of the candidates, cheapest first.
  const std::vector<std::string> &candidates() const noexcept { return candidates_; }

  /// An entry of the model card; nothing if there is none of that name.
  std::optional<std::string> metadata(std::string_view key) const {
    const auto read = [&](char *buffer, std::size_t capacity) {
      return riddle_router_metadata(get(), key.data(), key.size(), buffer, capacity);
    };
    if (key.data() == nullptr || read(nullptr, 0) == RIDDLE_NOT_FOUND) return std::nullopt;
    return text(read);
  }

  /// What the router is: versions, counts, fingerprint, checksum.
  riddle_info info() const {
    riddle_info info{};
    info.size = sizeof info;
    check(riddle_router_info(get(), &info), "riddle_router_info");
    return info;
  }

  /// For functions of riddle.h that have no method here.
  riddle_router *get() const noexcept { return pointer_.get(); }

 private:
  struct Destroy {
    void operator()(riddle_router *pointer) const noexcept { riddle_router_destroy(pointer); }
  };
  std::unique_ptr<riddle_router, Destroy> pointer_;
  std::vector<std::string> candidates_;

  static void check(std::int32_t code, const char *function) {
    if (code < 0) throw Error(code, std::string(function) + " answered " + std::to_string(code));
  }

  /// Where the names of the context are; queries and batches have the same fields for them.
  template <typename Request>
  static void name_context(Request &request, const Context &context) {
    request.user_tier = context.user_tier.data();
    request.user_tier_length = context.user_tier.size();
    request.task_type = context.task_type.data();
    request.task_type_length = context.task_type.size();
    request.domain = context.domain.data();
    request.domain_length = context.domain.size();
  }

  static riddle_query request(std::string_view text, const Context &context) {
    riddle_query query{};
    query.size = sizeof query;
    query.turn = context.turn;
    query.text = text.data();
    query.text_length = text.size();
    name_context(query, context);
    query.embedding = context.embedding;
    query.embedding_count = context.embedding_count;
    return query;
  }

  /// Asks for the length of a text, then for the text.
  template <typename Read>
  static std::string text(Read read) {
    const std::int32_t length = read(nullptr, 0);
    check(length, "riddle_router");
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    check(read(value.data(), value.size()), "riddle_router");
    value.pop_back();
    return value;
  }
};

inline Scratch::Scratch(const Router &router) : pointer_(riddle_scratch_create(router.get())) {}

}  // namespace riddle

#endif
