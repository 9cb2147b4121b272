#include <capstan/local/apiserver/api/selector.hpp>

#include <algorithm>
#include <charconv>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>

namespace capstan::apiserver {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsSpecial(char c) {
  return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
}

}  // namespace

// Parses one selector; each method advances past what it reads.
class LabelParser {
 public:
  explicit LabelParser(std::string_view text) : text_(text) {}

  Answer<LabelSelector> Parse() {
    LabelSelector selector;
    while (true) {
      Token token = Next();
      if (token.text.empty() && !token.word && token.end) {
        if (selector.requirements_.empty() || !after_comma_) return selector;
        return BadRequest("found '', expected: identifier after ','");
      }
      after_comma_ = false;
      LabelSelector::Requirement requirement;
      bool negated = token.text == "!" && !token.word;
      if (negated) token = Next();
      if (!token.word) {
        if (negated)
          return BadRequest(
              StrCat("unable to parse requirement: found '", token.text, "', expected: identifier"));
        return BadRequest(StrCat("found '", token.text, "', expected: !, identifier, or 'end of string'"));
      }
      requirement.key = token.text;
      if (auto bad = CheckKey(requirement.key); !bad) return Refusal(bad.error());
      if (negated) {
        requirement.op = LabelSelector::Operator::kDoesNotExist;
      } else if (auto rest = ParseOperator(requirement); !rest) {
        return Refusal(rest.error());
      }
      selector.requirements_.push_back(std::move(requirement));
      Token separator = Next();
      if (separator.end) return selector;
      if (separator.text != ",")
        return BadRequest(StrCat("found '", separator.text, "', expected: ',' or 'end of string'"));
      after_comma_ = true;
    }
  }

 private:
  struct Token {
    std::string text;
    bool word = false;
    bool end = false;
  };

  Token Peek() {
    std::size_t at = at_;
    Token token = Next();
    at_ = at;
    return token;
  }

  Token Next() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    if (at_ >= text_.size()) return Token{"", false, true};
    if (IsSpecial(text_[at_])) {
      for (std::string_view two : {"==", "!="}) {
        if (text_.substr(at_, 2) == two) {
          at_ += 2;
          return Token{std::string(two), false, false};
        }
      }
      return Token{std::string(1, text_[at_++]), false, false};
    }
    std::size_t start = at_;
    while (at_ < text_.size() && !IsBlank(text_[at_]) && !IsSpecial(text_[at_])) ++at_;
    return Token{std::string(text_.substr(start, at_ - start)), true, false};
  }

  Done ParseOperator(LabelSelector::Requirement& requirement) {
    using Operator = LabelSelector::Operator;
    Token next = Peek();
    if (next.end || next.text == ",") {
      requirement.op = Operator::kExists;
      return {};
    }
    Next();
    if (next.text == "=" || next.text == "==" || next.text == "!=" || next.text == ">" || next.text == "<") {
      requirement.op = next.text == "!="  ? Operator::kNotIn
                       : next.text == ">" ? Operator::kGreater
                       : next.text == "<" ? Operator::kLess
                                          : Operator::kIn;
      Token value = Peek();
      if (value.word) {
        Next();
        requirement.values.push_back(value.text);
      } else if (value.end || value.text == ",") {
        requirement.values.push_back("");
      } else {
        return BadRequest(
            StrCat("unable to parse requirement: found '", value.text, "', expected: identifier"));
      }
      return CheckValues(requirement);
    }
    if (next.word && (next.text == "in" || next.text == "notin")) {
      requirement.op = next.text == "in" ? Operator::kIn : Operator::kNotIn;
      return ParseSet(requirement);
    }
    return BadRequest(StrCat("unable to parse requirement: found '", next.text,
                             "', expected: in, notin, =, ==, !=, gt, lt"));
  }

  Done ParseSet(LabelSelector::Requirement& requirement) {
    Token open = Next();
    if (open.text != "(")
      return BadRequest(StrCat("unable to parse requirement: found '", open.text, "' expected: '('"));
    bool expect_value = true;
    while (true) {
      Token token = Next();
      if (token.word) {
        requirement.values.push_back(token.text);
        expect_value = false;
      } else if (token.text == "," && !token.end) {
        if (expect_value) requirement.values.push_back("");
        expect_value = true;
      } else if (token.text == ")") {
        if (expect_value) requirement.values.push_back("");
        return CheckValues(requirement);
      } else {
        return BadRequest(
            StrCat("unable to parse requirement: found '", token.text, "', expected: ',' or ')'"));
      }
    }
  }

  static Done CheckKey(const std::string& key) {
    const std::string why = CheckQualifiedName(key);
    if (why.empty()) return {};
    return BadRequest(StrCat("unable to parse requirement: <nil>: Invalid value: \"", key, "\": ", why));
  }

  static Done CheckValues(const LabelSelector::Requirement& requirement) {
    const bool compares = requirement.op == LabelSelector::Operator::kGreater ||
                          requirement.op == LabelSelector::Operator::kLess;
    if (compares) {
      const std::string& bound = requirement.values.front();
      std::int64_t number = 0;
      const auto read = std::from_chars(bound.data(), bound.data() + bound.size(), number);
      if (read.ec != std::errc{} || read.ptr != bound.data() + bound.size()) {
        return BadRequest(
            "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer");
      }
    }
    for (const std::string& value : requirement.values) {
      const std::string why = CheckLabelValue(value);
      if (why.empty()) continue;
      return BadRequest(StrCat("unable to parse requirement: values[0][", requirement.key,
                               "]: Invalid value: \"", value, "\": ", why));
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool after_comma_ = false;
};

Answer<LabelSelector> LabelSelector::Parse(std::string_view text) { return LabelParser(text).Parse(); }

bool LabelSelector::Matches(const std::vector<std::pair<std::string, std::string>>& labels) const {
  for (const Requirement& requirement : requirements_) {
    auto found = std::find_if(labels.begin(), labels.end(),
                              [&](const auto& label) { return label.first == requirement.key; });
    bool present = found != labels.end();
    bool listed = present && std::find(requirement.values.begin(), requirement.values.end(), found->second) !=
                                 requirement.values.end();
    long long have = 0, bound = 0;
    auto number = [](const std::string& from, long long& to) {
      return std::from_chars(from.data(), from.data() + from.size(), to).ec == std::errc{};
    };
    switch (requirement.op) {
      case Operator::kIn:
        if (!listed) return false;
        break;
      case Operator::kNotIn:
        if (listed) return false;
        break;
      case Operator::kExists:
        if (!present) return false;
        break;
      case Operator::kDoesNotExist:
        if (present) return false;
        break;
      case Operator::kGreater:
      case Operator::kLess:
        if (!present || !number(found->second, have) || !number(requirement.values.front(), bound))
          return false;
        if (requirement.op == Operator::kGreater ? have <= bound : have >= bound) return false;
        break;
    }
  }
  return true;
}

Answer<FieldSelector> FieldSelector::Parse(std::string_view text) {
  FieldSelector selector;
  if (text.empty()) return selector;
  std::vector<std::string> pieces(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      pieces.back() += text[at];
      pieces.back() += text[++at];
    } else if (text[at] == ',') {
      pieces.emplace_back();
    } else {
      pieces.back() += text[at];
    }
  }
  for (const std::string& piece : pieces) {
    if (piece.empty()) continue;
    Term term;
    std::size_t at = piece.find('=');
    if (at == std::string::npos)
      return BadRequest(StrCat("invalid selector: '", text, "'; can't understand '", piece, "'"));
    std::size_t field_end = at;
    if (at > 0 && piece[at - 1] == '!') {
      term.equal = false;
      field_end = at - 1;
    }
    std::size_t value_start = at + 1;
    if (term.equal && value_start < piece.size() && piece[value_start] == '=') ++value_start;
    term.field = piece.substr(0, field_end);
    for (std::size_t i = value_start; i < piece.size(); ++i) {
      if (piece[i] == '\\' && i + 1 < piece.size()) ++i;
      term.value += piece[i];
    }
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool FieldSelector::Matches(const std::function<std::string(const std::string&)>& value) const {
  return std::all_of(terms_.begin(), terms_.end(),
                     [&](const Term& term) { return (value(term.field) == term.value) == term.equal; });
}

std::vector<std::string> FieldSelector::fields() const {
  std::vector<std::string> names;
  for (const Term& term : terms_) names.push_back(term.field);
  return names;
}

std::optional<std::string> FieldSelector::Required(std::string_view field) const {
  for (const Term& term : terms_) {
    if (term.equal && term.field == field) return term.value;
  }
  return std::nullopt;
}

}  // namespace capstan::apiserver
