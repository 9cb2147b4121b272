// The splitter of lists: the same items however the text is split into pieces, equal to those of
// the tree.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/item_splitter.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

struct Parts {
  bool whole = false;
  Code code{};
  std::vector<std::string> items;
  std::string rest;
};

Parts Split(std::string_view text, std::size_t step, const json::ItemSplitterOptions& options) {
  Parts parts;
  json::ItemSplitter splitter(
      [&](std::string_view item) -> Status {
        parts.items.emplace_back(item);
        return {};
      },
      options);
  unsigned state = 99;
  for (std::size_t at = 0; at < text.size();) {
    state = state * 1103515245U + 12345U;
    const std::string piece(text.substr(at, step == 0 ? 1 + (state >> 16) % 11 : step));
    if (const Status fed = splitter.Feed(piece); !fed) {
      parts.code = fed.error().code;
      return parts;
    }
    at += piece.size();
  }
  const auto rest = splitter.Finish();
  parts.whole = rest.has_value();
  if (rest) {
    parts.rest = *rest;
  } else {
    parts.code = rest.error().code;
  }
  return parts;
}

void MustBeTheItemsOf(const json::ObjectPtr& tree, std::string_view text, const Parts& whole) {
  const auto items = json::ArrayIn(tree, "items");
  if (!whole.whole) {
    CAPSTAN_MUST(tree->has("items") && items.isNull(), "the tree reads it, the splitter does not");
    return;
  }
  // If a name occurs twice, or is escaped, the two readers may choose different ones.
  const bool plain = text.find("\"items\"") == text.rfind("\"items\"") && text.find('\\') == text.npos;
  if (items && plain) {
    CAPSTAN_MUST(items->size() == whole.items.size(), StrCat(items->size(), " ", whole.items.size()));
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string item = json::ToText(items->get(static_cast<unsigned>(i)));
      CAPSTAN_MUST(json::Equal(std::string_view(item), std::string_view(whole.items[i])), item);
    }
  }
  CAPSTAN_MUST(json::ParseObject(whole.rest, 1000).has_value(), whole.rest);
}

}  // namespace

void FuzzItems(std::string_view bytes) {
  Input input(bytes);
  json::ItemSplitterOptions options;
  const bool narrow = (input.Byte() & 1) != 0;
  if (narrow) {
    options.item_limit = 20;
    options.depth_limit = 6;
  }
  const std::string_view text = input.rest();
  const Parts whole = Split(text, text.size() + 1, options);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{0}}) {
    const Parts pieces = Split(text, step, options);
    CAPSTAN_MUST(whole.whole == pieces.whole, StrCat("in pieces of ", step));
    if (whole.whole) {
      CAPSTAN_MUST(whole.items == pieces.items && whole.rest == pieces.rest, StrCat("in pieces of ", step));
    } else if (!narrow) {
      CAPSTAN_MUST(whole.code == pieces.code, StrCat("in pieces of ", step));
    }
  }
  if (narrow) return;
  if (const auto tree = json::ParseObject(text, 1000)) MustBeTheItemsOf(*tree, text, whole);
}

}  // namespace capstan::fuzz
