#include <capstan/core/json/item_splitter.hpp>

#include <optional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/brackets/brackets.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/simdjson_text.hpp>

namespace capstan::json {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

// Tracks only brackets and strings; the reader of an item checks the rest of its syntax. Each byte
// goes either to the current item or to the rest.
struct ItemSplitter::State {
  enum class Place {
    kBefore,      // only whitespace so far
    kInRest,      // in the document, outside of items
    kItemsStart,  // after the [ of items
    kInItem,      // in an element that is an object or array
    kInScalar,    // in an element that is a number, true, false or null
    kInText,      // in an element that is a string
    kItemsNext,   // after an element
    kItemsComma,  // after a comma between elements
    kAfter,       // after the document's last }
  };

  State(OnItem on_item, ItemSplitterOptions with)
      : item(std::move(on_item)), options(std::move(with)), quoted_key("\"" + options.key + "\"") {}

  Status Feed(std::string_view bytes);
  Status Take(std::string_view bytes, std::size_t& at);
  Status InItem(std::string_view bytes, std::size_t& at);
  Status Structure(std::string_view bytes, std::size_t& at);
  Status InRest(char c);
  Status EndItems(char c);
  Status Open(char bracket);
  Status Close(char bracket);
  void SkipString(std::string_view bytes, std::size_t& at);
  void NoteRest(char c);
  Status StartItem(std::string_view bytes, std::size_t at);
  Status EndItem(std::string_view bytes, std::size_t end);
  Failure Bad(std::string_view what) const {
    return Fail(Code::kDataLoss, StrCat("the list is malformed: ", what));
  }

  OnItem item;
  const ItemSplitterOptions options;
  const std::string quoted_key;
  Place place = Place::kBefore;
  std::string open;  // the closing brackets still expected, innermost last
  StringState string;
  std::string rest;
  std::string key;  // the last string at depth 1, verbatim, with quotes
  bool in_key = false;
  bool key_complete = false;   // key was followed by ':' and nothing else yet
  std::string kept;            // the part of the current item from earlier pieces
  std::size_t item_start = 0;  // where the item continues in the current piece
  bool has_item = false;
  std::optional<Error> failed;
};

Status ItemSplitter::State::Open(char bracket) {
  if (open.size() >= static_cast<std::size_t>(options.depth_limit)) {
    return Fail(Code::kTooLarge, StrCat("the list is nested more than ", options.depth_limit, " deep"));
  }
  open += bracket == '{' ? '}' : ']';
  return {};
}

Status ItemSplitter::State::Close(char bracket) {
  if (open.empty() || open.back() != bracket) return Bad("brackets do not match");
  open.pop_back();
  return {};
}

// Skips from inside a string to its end or that of the piece.
void ItemSplitter::State::SkipString(std::string_view bytes, std::size_t& at) {
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (string.escaped) {
      string.escaped = false;
    } else if (c == '\\') {
      string.escaped = true;
    } else if (c == '"') {
      string.in_string = false;
      ++at;
      return;
    }
  }
}

Status ItemSplitter::State::StartItem(std::string_view bytes, std::size_t at) {
  item_start = at;
  has_item = true;
  const char c = bytes[at];
  if (c == '{' || c == '[') {
    place = Place::kInItem;
    return Open(c);
  }
  if (c == '"') {
    place = Place::kInText;
    string.in_string = true;
    return {};
  }
  if (c == '}' || c == ']' || c == ',' || c == ':') return Bad("an item is missing");
  place = Place::kInScalar;
  return {};
}

Status ItemSplitter::State::EndItem(std::string_view bytes, std::size_t end) {
  const std::string_view part = bytes.substr(item_start, end - item_start);
  place = Place::kItemsNext;
  has_item = false;
  if (kept.size() + part.size() > options.item_limit) {
    return Fail(Code::kTooLarge, StrCat("an item of the list is larger than ", options.item_limit, " bytes"));
  }
  if (kept.empty()) return item(part);
  kept += part;
  const std::string whole = std::exchange(kept, {});
  return item(whole);
}

// Searches the bytes outside of items for the key "items" at depth 1 followed by an array.
void ItemSplitter::State::NoteRest(char c) {
  if (IsBlank(c)) return;
  if (c == ':' && open.size() == 1) {
    key_complete = true;
  } else if (c != ':') {
    key_complete = false;
  }
}

Status ItemSplitter::State::InRest(char c) {
  const bool value_of_items = c == '[' && open.size() == 1 && key_complete && key == quoted_key;
  NoteRest(c);
  rest += c;
  if (c == '"') {
    string.in_string = true;
    in_key = open.size() == 1;
    key = in_key ? "\"" : "";
  } else if (c == '{' || c == '[') {
    CAPSTAN_RETURN_IF_ERROR(Open(c));
    if (value_of_items) place = Place::kItemsStart;
  } else if (c == '}' || c == ']') {
    CAPSTAN_RETURN_IF_ERROR(Close(c));
    if (open.empty()) place = Place::kAfter;
  }
  return {};
}

Status ItemSplitter::State::EndItems(char c) {
  CAPSTAN_RETURN_IF_ERROR(Close(c));
  rest += c;
  place = Place::kInRest;
  return {};
}

Status ItemSplitter::State::Structure(std::string_view bytes, std::size_t& at) {
  const char c = bytes[at];
  switch (place) {
    case Place::kBefore:
      if (IsBlank(c)) break;
      if (c != '{') return Bad("it is not a JSON object");
      rest += c;
      CAPSTAN_RETURN_IF_ERROR(Open(c));
      place = Place::kInRest;
      break;
    case Place::kInRest:
      CAPSTAN_RETURN_IF_ERROR(InRest(c));
      break;
    case Place::kItemsStart:
    case Place::kItemsComma:
      if (IsBlank(c)) break;
      if (c != ']' || place == Place::kItemsComma) return StartItem(bytes, at++);
      CAPSTAN_RETURN_IF_ERROR(EndItems(c));
      break;
    case Place::kItemsNext:
      if (IsBlank(c)) break;
      if (c == ',') {
        place = Place::kItemsComma;
        break;
      }
      if (c != ']') return Bad("a comma is missing between two items");
      CAPSTAN_RETURN_IF_ERROR(EndItems(c));
      break;
    case Place::kInItem:
      return InItem(bytes, at);
    case Place::kInScalar:
      if (c == ',' || c == ']' || c == '}' || IsBlank(c))
        return EndItem(bytes, at);  // c itself is examined again
      break;
    case Place::kInText:
      return EndItem(bytes, at);
    case Place::kAfter:
      if (!IsBlank(c)) return Bad("something follows its end");
      break;
  }
  ++at;
  return {};
}

// Skips to the end of the item or of the piece in one pass: a list spends its time here.
Status ItemSplitter::State::InItem(std::string_view bytes, std::size_t& at) {
  const auto limit = static_cast<std::size_t>(options.depth_limit);
  char bad = 0;
  bool ended = false;
  at = WalkBrackets(bytes, at, string, [&](char bracket, std::size_t) {
    if (bracket == '{' || bracket == '[') {
      if (open.size() < limit) {
        open += bracket == '{' ? '}' : ']';
        return true;
      }
    } else if (open.back() == bracket) {  // inside an item at least two are open
      open.pop_back();
      ended = open.size() == 2;
      return !ended;
    }
    bad = bracket;
    return false;
  });
  if (bad == '{' || bad == '[') return Open(bad);
  if (bad != 0) return Close(bad);
  return ended ? EndItem(bytes, at) : Status();
}

Status ItemSplitter::State::Take(std::string_view bytes, std::size_t& at) {
  if (place == Place::kInItem) return InItem(bytes, at);
  if (!string.in_string) return Structure(bytes, at);
  const std::size_t begin = at;
  SkipString(bytes, at);
  if (place == Place::kInRest) {
    rest += bytes.substr(begin, at - begin);
    if (in_key) key += bytes.substr(begin, at - begin);
    if (in_key && !string.in_string && key.find('\\') != std::string::npos) {
      // A key spelled with escapes is the same key.
      if (const auto plain = ParseTree(key); plain && plain->isString())
        key = "\"" + plain->toString() + "\"";
    }
  }
  return {};
}

Status ItemSplitter::State::Feed(std::string_view bytes) {
  item_start = 0;
  for (std::size_t at = 0; at < bytes.size();) CAPSTAN_RETURN_IF_ERROR(Take(bytes, at));
  if (has_item) kept += bytes.substr(item_start);
  if (kept.size() > options.item_limit) {
    return Fail(Code::kTooLarge, StrCat("an item of the list is larger than ", options.item_limit, " bytes"));
  }
  if (rest.size() > options.item_limit) {
    return Fail(Code::kTooLarge,
                StrCat("what surrounds the items is larger than ", options.item_limit, " bytes"));
  }
  return {};
}

ItemSplitter::ItemSplitter(OnItem item, ItemSplitterOptions options)
    : state_(std::make_unique<State>(std::move(item), std::move(options))) {}
ItemSplitter::~ItemSplitter() = default;

Status ItemSplitter::Feed(std::string_view bytes) {
  if (state_->failed) return Fail(*state_->failed);
  auto fed = state_->Feed(bytes);
  if (!fed) state_->failed = fed.error();
  return fed;
}

Result<std::string> ItemSplitter::Finish() {
  if (state_->failed) return Fail(*state_->failed);
  if (state_->place != State::Place::kAfter) return Fail(Code::kDataLoss, "the list ends before its end");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = ParseDom(parser, state_->rest, state_->options.depth_limit, root); error) {
    return FailedText(error, Code::kDataLoss, "the list");
  }
  return std::move(state_->rest);
}

}  // namespace capstan::json
