// Private to cost.cpp and cost_calls.cpp: one estimate in progress. For one thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <capstan/local/apiserver/schema/cel/cost_sizes.hpp>
#include <capstan/local/apiserver/schema/cel/types.hpp>

namespace capstan::apiserver::cel {

// Kubernetes' costs.
inline constexpr std::uint64_t kNewList = 10, kNewMap = 30;
inline constexpr double kTraversal = 0.1;  // for each character

class CostWalk final {
 public:
  CostWalk(const TypesOf& types, const SchemaNode& self, bool root) : types_(types), self_{&self, root} {}
  std::uint64_t Cost(const Expression& e);

 private:
  // Sizes of the entries of a list or map that the expression creates.
  struct Entries {
    bool list = true;
    Size key, value;
  };
  struct Local {
    std::string name;
    std::optional<Place> place;
    std::optional<Size> size;
    std::optional<Entries> entries;
  };
  // The cost of a call without its arguments.
  struct CallCost {
    std::uint64_t cost = 1;
    std::optional<Size> size = {};
  };

  Type::Kind KindOf(const Expression& e) const;
  Type TypeOf(const Expression& e) const;
  const Local* FindLocal(const std::string& name) const;
  // The place that the expression refers to; nullopt when it is not a path of names.
  std::optional<Place> PlaceOf(const Expression& e) const;
  // The place one step further; a step from something that is not a path starts at the root, as in
  // Kubernetes.
  Place Step(const std::optional<Place>& from, Place (*step)(const Place&)) const {
    return from ? step(*from) : self_;
  }
  std::optional<Size> SizeOf(const Expression& e) const;
  Size SizeOr(const Expression& e) const { return SizeOf(e).value_or(Size{}); }
  std::optional<Entries> EntriesOf(const Expression& e) const;

  std::uint64_t Name(const Expression& e);
  std::uint64_t Select(const Expression& e);
  std::uint64_t Index(const Expression& e);
  std::uint64_t ListLiteral(const Expression& e);
  std::uint64_t MapLiteral(const Expression& e);
  std::uint64_t Loop(const Expression& e);
  std::uint64_t OptionalLoop(const Expression& e);
  std::uint64_t SortLoop(const Expression& e);
  void PushLoopNames(const Expression& e, const Expression& range);
  std::uint64_t Operator(const Expression& e);
  std::uint64_t Conditional(const Expression& e);
  std::uint64_t Sum(const Expression& e, std::uint64_t arguments);
  CallCost Comparison(const Expression& e) const;
  std::uint64_t Call(const Expression& e);
  // cost_calls.cpp
  CallCost OfCall(const Expression& e) const;
  CallCost OfList(const Expression& e, const Expression& list) const;
  CallCost OfText(const Expression& e, const Expression& text,
                  const std::vector<const Expression*>& rest) const;
  CallCost OfReplace(const Expression& text, const Expression& old, const Expression& fresh) const;
  CallCost OfKinds(const Expression& e, const std::vector<const Expression*>& arguments) const;

  const TypesOf& types_;
  const Place self_;
  std::vector<Local> locals_;
  std::unordered_map<const Expression*, Place> places_;
  std::unordered_map<const Expression*, Size> sizes_;
  std::unordered_map<const Expression*, Entries> entries_;
};

}  // namespace capstan::apiserver::cel
