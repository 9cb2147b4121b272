#include <capstan/local/apiserver/schema/cel/syntax.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>

namespace capstan::apiserver::cel {
namespace {

using ExpressionPtr = std::shared_ptr<Expression>;

constexpr int kDeepest = 48;              // nesting of expressions
constexpr int kMostNodes = 2000;          // bounds the depth of chains such as a && b && …
constexpr std::size_t kLongest = 20'000;  // bytes
// What a value can begin with, as the grammar of CEL names it.
constexpr std::string_view kStartsOfValues =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
    "IDENTIFIER}";

struct Token {
  enum class Kind { kEnd, kName, kNumber, kString, kBytes, kSign };
  Kind kind = Kind::kEnd;
  std::string text;  // of a string: its value
  std::size_t at = 0;
};

bool IsNameStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Lexer final {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<std::vector<Token>> Read() {
    std::vector<Token> tokens;
    while (true) {
      SkipBlanks();
      Token token;
      token.at = at_;
      if (at_ < source_.size()) {
        CAPSTAN_RETURN_IF_ERROR(Next(token));
      }
      tokens.push_back(token);
      if (token.kind == Token::Kind::kEnd) return tokens;
    }
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  Failure Bad(std::size_t at, std::string_view what) const {
    return Fail(Code::kInvalidArgument, ErrorAt(source_, at, StrCat("Syntax error: ", what)));
  }
  void SkipBlanks() {
    while (at_ < source_.size()) {
      if (std::isspace(static_cast<unsigned char>(Peek())) != 0) {
        ++at_;
      } else if (Peek() == '/' && Peek(1) == '/') {
        while (at_ < source_.size() && Peek() != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  Status Next(Token& token);
  void Number(Token& token);
  Status String(Token& token, bool raw);
  Status Escape(std::string& out, bool bytes);

  std::string_view source_;
  std::size_t at_ = 0;
};

Status Lexer::Next(Token& token) {
  const char c = Peek();
  std::size_t prefix = 0;
  bool raw = false, bytes = false;
  while (prefix < 2 &&
         (Peek(prefix) == 'r' || Peek(prefix) == 'R' || Peek(prefix) == 'b' || Peek(prefix) == 'B')) {
    (std::tolower(static_cast<unsigned char>(Peek(prefix))) == 'r' ? raw : bytes) = true;
    ++prefix;
  }
  if (Peek(prefix) == '"' || Peek(prefix) == '\'') {
    at_ += prefix;
    token.kind = bytes ? Token::Kind::kBytes : Token::Kind::kString;
    return String(token, raw);
  }
  if (IsNameStart(c)) {
    token.kind = Token::Kind::kName;
    while (IsNamePart(Peek())) token.text += source_[at_++];
    return {};
  }
  if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
      (c == '.' && std::isdigit(static_cast<unsigned char>(Peek(1))) != 0)) {
    Number(token);
    return {};
  }
  token.kind = Token::Kind::kSign;
  for (const std::string_view sign : {"==", "!=", "<=", ">=", "&&", "||"}) {
    if (source_.substr(at_, 2) != sign) continue;
    token.text = sign;
    at_ += 2;
    return {};
  }
  if (std::string_view("<>!+-*/%?:.,()[]{}").find(c) == std::string_view::npos) {
    return Bad(at_, StrCat("token recognition error at: '", std::string(1, c), "'"));
  }
  token.text = std::string(1, c);
  ++at_;
  return {};
}

void Lexer::Number(Token& token) {
  token.kind = Token::Kind::kNumber;
  const bool hex = Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X');
  while (true) {
    const char c = Peek();
    const bool exponent_sign = (c == '+' || c == '-') && !hex && !token.text.empty() &&
                               (token.text.back() == 'e' || token.text.back() == 'E');
    const bool fraction = c == '.' && std::isdigit(static_cast<unsigned char>(Peek(1))) != 0;
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && !exponent_sign && !fraction) return;
    token.text += c;
    ++at_;
  }
}

Status Lexer::Escape(std::string& out, bool bytes) {
  const std::size_t start = at_ - 1;
  const char c = Peek();
  ++at_;
  constexpr std::array<std::pair<char, char>, 12> kPlain = {{{'n', '\n'},
                                                             {'t', '\t'},
                                                             {'r', '\r'},
                                                             {'a', '\a'},
                                                             {'b', '\b'},
                                                             {'f', '\f'},
                                                             {'v', '\v'},
                                                             {'\\', '\\'},
                                                             {'?', '?'},
                                                             {'"', '"'},
                                                             {'\'', '\''},
                                                             {'`', '`'}}};
  for (const auto& [letter, meant] : kPlain) {
    if (c == letter) return out += meant, Status{};
  }
  // An escape of three octal digits, or of hexadecimal digits.
  const bool octal = c >= '0' && c <= '3';
  if (octal) --at_;
  const int digits = octal ? 3 : c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::uint32_t rune = 0;
  const auto* begin = source_.data() + at_;
  if (digits == 0 || (bytes && digits > 3) || at_ + static_cast<std::size_t>(digits) > source_.size() ||
      std::from_chars(begin, begin + digits, rune, octal ? 8 : 16).ptr != begin + digits) {
    return Bad(start, "unsupported escape in a string");
  }
  at_ += static_cast<std::size_t>(digits);
  if (bytes) {
    out += static_cast<char>(rune);
    return {};
  }
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) return Bad(start, "invalid unicode code point");
  AppendRune(out, rune);
  return {};
}

Status Lexer::String(Token& token, bool raw) {
  const std::size_t start = at_;
  const char quote = Peek();
  const std::string triple(3, quote);
  const bool is_triple = source_.substr(at_, 3) == triple;
  const std::string end = is_triple ? triple : std::string(1, quote);
  at_ += end.size();
  while (source_.substr(at_, end.size()) != end) {
    if (at_ >= source_.size() || (!is_triple && Peek() == '\n')) return Bad(start, "a string does not end");
    const char c = source_[at_++];
    if (c == '\\' && !raw) {
      CAPSTAN_RETURN_IF_ERROR(Escape(token.text, token.kind == Token::Kind::kBytes));
    } else {
      token.text += c;
    }
  }
  at_ += end.size();
  return {};
}

// Keywords, which cannot be names, and reserved words, which can only be names of fields.
bool IsLiteralWord(std::string_view word) {
  return word == "true" || word == "false" || word == "null" || word == "in";
}
bool IsReserved(std::string_view word) {
  constexpr std::array<std::string_view, 17> kWords = {
      "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
      "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

class Parser final {
 public:
  Parser(std::string_view source, std::vector<Token> tokens) : source_(source), tokens_(std::move(tokens)) {}

  Result<ExpressionPtr> Parse() {
    CAPSTAN_TRY(ExpressionPtr root, Whole());
    if (Now().kind != Token::Kind::kEnd) return NotTheEnd();
    return root;
  }

 private:
  const Token& Now() const { return tokens_[at_]; }
  bool IsSign(std::string_view sign) const { return Now().kind == Token::Kind::kSign && Now().text == sign; }
  bool Skip(std::string_view sign) {
    if (!IsSign(sign)) return false;
    ++at_;
    return true;
  }
  Failure Bad(std::size_t at, std::string_view what) const {
    return Fail(Code::kInvalidArgument, ErrorAt(source_, at, what));
  }
  // `expected`: what could stand here, as the grammar of CEL names it; empty: much.
  Failure Unexpected(std::string_view expected = {}) const {
    const bool end = Now().kind == Token::Kind::kEnd;
    return Bad(end ? source_.size() : Now().at,
               StrCat("Syntax error: mismatched input '", end ? "<EOF>" : Now().text, "'",
                      expected.empty() ? "" : " expecting ", expected));
  }
  Failure Missing(std::string_view token) const {
    if (Now().kind != Token::Kind::kEnd) return Unexpected();
    return Bad(source_.size(), StrCat("Syntax error: missing '", token, "' at '<EOF>'"));
  }
  // One token too many is another mistake than a wrong one.
  Failure NotTheEnd() const {
    const bool last = tokens_[at_ + 1].kind == Token::Kind::kEnd;
    if (!last) return Unexpected("<EOF>");
    return Bad(Now().at, StrCat("Syntax error: extraneous input '", Now().text, "' expecting <EOF>"));
  }
  Result<ExpressionPtr> Make(Node kind, std::size_t at, std::string name, std::vector<ExpressionPtr> parts) {
    if (++nodes_ > kMostNodes) return Bad(at, "the expression is too large for this server");
    auto node = std::make_shared<Expression>();
    node->kind = kind;
    node->at = at;
    node->name = std::move(name);
    node->parts = std::move(parts);
    return node;
  }
  Result<ExpressionPtr> Literal(std::size_t at, Value value) {
    CAPSTAN_TRY(ExpressionPtr node, Make(Node::kLiteral, at, "", {}));
    node->value = std::move(value);
    return node;
  }

  Result<ExpressionPtr> Whole();
  Result<ExpressionPtr> Binary(std::size_t level);
  Result<ExpressionPtr> Unary();
  Result<ExpressionPtr> Member();
  Result<ExpressionPtr> Primary();
  Result<ExpressionPtr> Number(const Token& token, bool negative);
  Result<ExpressionPtr> ListOrMap(bool map);
  Result<std::vector<ExpressionPtr>> Arguments(std::string_view end);
  Result<ExpressionPtr> Call(const Token& name, ExpressionPtr receiver);
  Result<ExpressionPtr> Loop(const std::string& name, std::size_t at, const ExpressionPtr& range,
                             std::vector<ExpressionPtr> arguments);

  std::string_view source_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int nodes_ = 0;
};

Result<ExpressionPtr> Parser::Whole() {
  if (++depth_ > kDeepest) return Bad(Now().at, "the expression is nested too deep for this server");
  CAPSTAN_TRY(ExpressionPtr node, Binary(0));
  const std::size_t at = Now().at;
  if (Skip("?")) {
    CAPSTAN_TRY(ExpressionPtr yes, Binary(0));
    if (!Skip(":")) return Unexpected("':'");
    CAPSTAN_TRY(ExpressionPtr no, Whole());
    CAPSTAN_TRY(node, Make(Node::kOperator, at, "_?_:_", {node, yes, no}));
  }
  --depth_;
  return node;
}

// The binary operators by increasing precedence.
const std::vector<std::vector<std::string>>& Levels() {
  static const std::vector<std::vector<std::string>> levels = {
      {"||"}, {"&&"}, {"<", "<=", ">=", ">", "==", "!=", "in"}, {"+", "-"}, {"*", "/", "%"}};
  return levels;
}

Result<ExpressionPtr> Parser::Binary(std::size_t level) {
  if (level == Levels().size()) return Unary();
  CAPSTAN_TRY(ExpressionPtr left, Binary(level + 1));
  while (true) {
    const Token token = Now();
    const bool is_in = token.kind == Token::Kind::kName && token.text == "in";
    const auto& operators = Levels()[level];
    if ((token.kind != Token::Kind::kSign && !is_in) ||
        std::find(operators.begin(), operators.end(), token.text) == operators.end()) {
      return left;
    }
    ++at_;
    CAPSTAN_TRY(ExpressionPtr right, Binary(level + 1));
    CAPSTAN_TRY(left, Make(Node::kOperator, token.at, is_in ? "@in" : "_" + token.text + "_", {left, right}));
  }
}

Result<ExpressionPtr> Parser::Unary() {
  const Token token = Now();
  if (Skip("!")) {
    if (++depth_ > kDeepest) return Bad(token.at, "the expression is nested too deep for this server");
    CAPSTAN_TRY(ExpressionPtr inner, Unary());
    --depth_;
    return Make(Node::kOperator, token.at, "!_", {inner});
  }
  if (!Skip("-")) return Member();
  if (Now().kind == Token::Kind::kNumber) {
    const Token number = Now();
    ++at_;
    return Number(number, true);
  }
  if (++depth_ > kDeepest) return Bad(token.at, "the expression is nested too deep for this server");
  CAPSTAN_TRY(ExpressionPtr inner, Unary());
  --depth_;
  return Make(Node::kOperator, token.at, "-_", {inner});
}

// The package prefix of two type names.
bool IsProtobuf(const Expression& e) {
  return e.kind == Node::kSelect && e.name == "protobuf" && e.parts[0]->kind == Node::kName &&
         e.parts[0]->name == "google";
}

Result<ExpressionPtr> Parser::Member() {
  CAPSTAN_TRY(ExpressionPtr node, Primary());
  while (true) {
    const std::size_t at = Now().at;
    if (Skip("[")) {
      const bool optional = Skip("?");
      CAPSTAN_TRY(ExpressionPtr index, Whole());
      if (!Skip("]")) return Missing("]");
      CAPSTAN_TRY(node, Make(Node::kIndex, at, "", {node, index}));
      node->optional = optional;
    } else if (Skip(".")) {
      const bool optional = Skip("?");
      if (Now().kind != Token::Kind::kName) return Unexpected();
      const Token name = Now();
      if (IsLiteralWord(name.text)) return Unexpected();
      ++at_;
      if (IsSign("(") && !optional) {
        CAPSTAN_TRY(node, Call(name, node));
      } else if (IsProtobuf(*node) && (name.text == "Timestamp" || name.text == "Duration")) {
        CAPSTAN_TRY(node, Literal(at, TextOfKind(Value::Kind::kType, "google.protobuf." + name.text)));
      } else {
        CAPSTAN_TRY(node, Make(Node::kSelect, at, name.text, {node}));
        node->optional = optional;
      }
    } else {
      return node;
    }
  }
}

Result<std::vector<ExpressionPtr>> Parser::Arguments(std::string_view end) {
  std::vector<ExpressionPtr> arguments;
  while (!Skip(end)) {
    if (!arguments.empty() && !Skip(",")) return Unexpected();
    if (!arguments.empty() && Skip(end)) break;  // trailing comma
    const std::size_t at = Now().at;
    const bool optional = end == "]" && Skip("?");
    CAPSTAN_TRY(ExpressionPtr argument, Whole());
    if (optional) {
      CAPSTAN_TRY(argument, Make(Node::kOptionalItem, at, "", {argument}));
    }
    arguments.push_back(argument);
  }
  return arguments;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
bool IsTwoVariableLoop(std::string_view name, std::size_t arguments) {
  if (arguments == 3)
    return IsOneOf(name,
                   {"all", "exists", "existsOne", "transformList", "transformMap", "transformMapEntry"});
  return arguments == 4 && IsOneOf(name, {"transformList", "transformMap", "transformMapEntry"});
}
bool IsOneVariableLoop(std::string_view name, std::size_t arguments) {
  if (arguments == 3) return name == "map";
  return arguments == 2 &&
         IsOneOf(name, {"all", "exists", "exists_one", "filter", "map", "sortBy", "optMap", "optFlatMap"});
}

Result<ExpressionPtr> Parser::Loop(const std::string& name, std::size_t at, const ExpressionPtr& range,
                                   std::vector<ExpressionPtr> arguments) {
  if (arguments.front()->kind != Node::kName)
    return Bad(arguments.front()->at, "argument must be a simple name");
  const std::string variable = arguments.front()->name;
  std::string second;
  if (IsTwoVariableLoop(name, arguments.size())) {
    if (arguments[1]->kind != Node::kName) return Bad(arguments[1]->at, "argument is not an identifier");
    second = arguments[1]->name;
    arguments.erase(arguments.begin());
  }
  arguments.front() = range;
  CAPSTAN_TRY(ExpressionPtr loop, Make(Node::kLoop, at, name, std::move(arguments)));
  loop->variable = variable;
  loop->second = second;
  return loop;
}

Result<ExpressionPtr> Parser::Call(const Token& name, ExpressionPtr receiver) {
  const std::size_t at = Now().at;
  ++at_;
  CAPSTAN_TRY(std::vector<ExpressionPtr> arguments, Arguments(")"));
  const std::string& text = name.text;
  if (!receiver && text == "has") {
    if (arguments.size() != 1 || arguments[0]->kind != Node::kSelect)
      return Bad(arguments.empty() ? at : arguments[0]->at, "invalid argument to has() macro");
    arguments[0]->test = true;
    arguments[0]->at = at;
    return arguments[0];
  }
  if (receiver && (IsOneVariableLoop(text, arguments.size()) || IsTwoVariableLoop(text, arguments.size()))) {
    return Loop(text, at, receiver, std::move(arguments));
  }
  if (receiver && receiver->kind == Node::kName) {
    // A function in a namespace, "sets.contains": takes precedence over a variable of that name.
    std::string whole = StrCat(receiver->name, ".", text);
    if (IsFunction(whole)) return Make(Node::kCall, at, std::move(whole), std::move(arguments));
  }
  if (receiver) arguments.insert(arguments.begin(), receiver);
  CAPSTAN_TRY(ExpressionPtr call, Make(Node::kCall, at, text, std::move(arguments)));
  call->method = receiver != nullptr;
  return call;
}

Result<ExpressionPtr> Parser::Number(const Token& token, bool negative) {
  std::string digits = (negative ? "-" : "") + token.text;
  const bool hex = token.text.size() > 2 && (token.text[1] == 'x' || token.text[1] == 'X');
  const bool is_uint = digits.back() == 'u' || digits.back() == 'U';
  if (is_uint) digits.pop_back();
  if (hex) digits.erase(negative ? 1 : 0, 2);
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (!hex && !is_uint && digits.find_first_of(".eE") != std::string::npos) {
    double real = 0;
    if (std::from_chars(begin, end, real).ptr != end) return Bad(token.at, "invalid double literal");
    return Literal(token.at, Double(real));
  }
  if (is_uint) {
    std::uint64_t natural = 0;
    const auto read = std::from_chars(begin, end, natural, hex ? 16 : 10);
    if (read.ptr != end || read.ec != std::errc()) return Bad(token.at, "invalid uint literal");
    return Literal(token.at, Uint(natural));
  }
  std::int64_t whole = 0;
  const auto read = std::from_chars(begin, end, whole, hex ? 16 : 10);
  if (read.ptr != end || read.ec != std::errc()) return Bad(token.at, "invalid int literal");
  return Literal(token.at, Int(whole));
}

Result<ExpressionPtr> Parser::ListOrMap(bool map) {
  const std::size_t at = Now().at;
  ++at_;
  if (!map) {
    CAPSTAN_TRY(std::vector<ExpressionPtr> items, Arguments("]"));
    return Make(Node::kList, at, "", std::move(items));
  }
  std::vector<ExpressionPtr> fields;
  while (!Skip("}")) {
    if (!fields.empty() && !Skip(",")) return Unexpected();
    if (!fields.empty() && Skip("}")) break;  // trailing comma
    const std::size_t at_field = Now().at;
    const bool optional = Skip("?");
    CAPSTAN_TRY(ExpressionPtr key, Whole());
    if (!Skip(":")) return Unexpected("':'");
    CAPSTAN_TRY(ExpressionPtr value, Whole());
    if (optional) {
      CAPSTAN_TRY(value, Make(Node::kOptionalItem, at_field, "", {value}));
    }
    fields.push_back(key);
    fields.push_back(value);
  }
  return Make(Node::kMap, at, "", std::move(fields));
}

Result<ExpressionPtr> Parser::Primary() {
  const Token token = Now();
  if (IsSign("[")) return ListOrMap(false);
  if (IsSign("{")) return ListOrMap(true);
  if (Skip("(")) {
    CAPSTAN_TRY(ExpressionPtr inner, Whole());
    if (!Skip(")")) return Missing(")");
    return inner;
  }
  switch (token.kind) {
    case Token::Kind::kNumber:
      ++at_;
      return Number(token, false);
    case Token::Kind::kString:
      ++at_;
      return Literal(token.at, Text(token.text));
    case Token::Kind::kBytes: {
      ++at_;
      return Literal(token.at, TextOfKind(Value::Kind::kBytes, token.text));
    }
    case Token::Kind::kName:
      break;
    default:
      return token.kind == Token::Kind::kEnd ? Unexpected(kStartsOfValues) : Unexpected();
  }
  ++at_;
  if (token.text == "true" || token.text == "false") return Literal(token.at, Bool(token.text == "true"));
  if (token.text == "null") return Literal(token.at, Null());
  if (token.text == "in") return --at_, Unexpected();
  if (IsSign("(")) return Call(token, nullptr);
  if (IsReserved(token.text)) return Bad(token.at, StrCat("reserved identifier: ", token.text));
  return Make(Node::kName, token.at, token.text, {});
}

}  // namespace

std::string ErrorAt(std::string_view source, std::size_t at, std::string_view what) {
  std::size_t line = 1, start = 0;
  for (std::size_t i = 0; i < at && i < source.size(); ++i) {
    if (source[i] == '\n') ++line, start = i + 1;
  }
  const std::string_view text = source.substr(start, source.find('\n', start) - start);
  const std::size_t column = at - start;
  return StrCat("ERROR: <input>:", line, ":", column + 1, ": ", what, "\n | ", text, "\n | ",
                std::string(column, '.'), "^");
}

Result<ExpressionPtr> ParseCel(std::string_view source) {
  if (source.size() > kLongest) {
    return Fail(Code::kInvalidArgument, StrCat("ERROR: the expression is longer than ", kLongest, " bytes"));
  }
  CAPSTAN_TRY(std::vector<Token> tokens, Lexer(source).Read());
  return Parser(source, std::move(tokens)).Parse();
}

}  // namespace capstan::apiserver::cel
