// Structural schemas: pruning, defaults, validation, CEL.
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

TEST_P(Conformance, UnknownFieldsArePruned) {
  const Answer made = MakeGear(
      "a", R"({"size":1,"unknown":{"x":1},"nested":{"a":"1","c":"3"},"parts":[{"name":"p","odd":true}]})");
  EXPECT_EQ(made.At("/spec/unknown"), "");
  EXPECT_EQ(made.At("/spec/nested"), R"({"a":"1"})");
  EXPECT_EQ(made.At("/spec/parts/0/odd"), "");
  const Answer top = Merge(GearPath("a"), R"({"other":{"x":1}})");
  EXPECT_STATUS(top, 200);
  EXPECT_EQ(top.At("/other"), "");
}

TEST_P(Conformance, PreservedUnknownFieldsStay) {
  const Answer made = MakeGear("a", R"({"raw":{"x":{"y":[1,"2",null,{"z":1.5}]}}})");
  EXPECT_EQ(made.At("/spec/raw/x/y/0"), "1");
  EXPECT_EQ(made.At("/spec/raw/x/y/3/z"), "1.5");
}

TEST_P(Conformance, DefaultsAreFilledIn) {
  const Answer made = MakeGear("a", R"({"parts":[{"name":"p"},{"name":"q","count":5}]})");
  EXPECT_EQ(made.At("/spec/mode"), "slow");
  EXPECT_EQ(made.Each("/spec/parts", "/count"), (std::vector<std::string>{"1", "5"}));
  EXPECT_EQ(Merge(GearPath("a"), R"({"spec":{"mode":null}})").At("/spec/mode"), "slow")
      << "also when it is removed";
}

TEST_P(Conformance, ADefaultNeedsItsParent) {
  const Answer made = Post(Gears(), R"({"apiVersion":")" + Gear().api_version() + R"(","kind":")" +
                                        Gear().kind + R"(","metadata":{"name":"a"}})");
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec"), "");
}

TEST_P(Conformance, AWrongTypeNamesItsField) {
  const Answer made = Post(Gears(), GearJson("a", R"({"size":"many"})"));
  EXPECT_STATUS(made, 422);
  EXPECT_EQ(made.reason(), "Invalid");
  EXPECT_THAT(made.fields(), Contains("spec.size"));
  EXPECT_THAT(made.message(), HasSubstr("must be of type integer"));
}

struct Refusal {
  const char* reason;
  const char* spec;
  const char* field;
};

// Older servers name a list, not its item: "spec.parts.name".
std::string WithoutIndexes(std::string field) {
  for (std::size_t open = field.find('['); open != std::string::npos; open = field.find('[')) {
    field.erase(open, field.find(']', open) - open + 1);
  }
  return field;
}

TEST_P(Conformance, EveryLimitOfTheSchemaIsKept) {
  const std::vector<Refusal> refusals = {
      {"below the minimum", R"({"size":-1})", "spec.size"},
      {"above the maximum", R"({"size":101})", "spec.size"},
      {"a fraction for an integer", R"({"size":1.5})", "spec.size"},
      {"not in the enum", R"({"mode":"medium"})", "spec.mode"},
      {"too long", R"({"note":"123456789012345678901"})", "spec.note"},
      {"no match of the pattern", R"({"code":"ABC"})", "spec.code"},
      {"too many items", R"({"tags":["1","2","3","4","5","6"]})", "spec.tags"},
      {"a wrong item", R"({"tags":["1",2]})", "spec.tags[1]"},
      {"a required field missing", R"({"parts":[{"count":1}]})", "spec.parts[0].name"},
      {"a wrong type in a map", R"({"labels":{"a":1}})", "spec.labels.a"},
      {"a list for an object", R"({"nested":[]})", "spec.nested"},
      {"a string for a boolean", R"({"on":"true"})", "spec.on"},
      {"an object for a string", R"({"note":{}})", "spec.note"},
      {"neither int nor string", R"({"port":1.5})", "spec.port"},
      {"a string for a number", R"({"ratio":"1"})", "spec.ratio"},
  };
  for (const Refusal& refusal : refusals) {
    const Answer made = Post(Gears(), GearJson("a", refusal.spec));
    EXPECT_STATUS(made, 422) << refusal.reason;
    EXPECT_THAT(made.fields(), Contains(AnyOf(std::string(refusal.field), WithoutIndexes(refusal.field))))
        << refusal.reason << ": " << made;
  }
}

TEST_P(Conformance, AllErrorsAreReportedAtOnce) {
  const Answer made = Post(Gears(), GearJson("a", R"({"size":101,"mode":"medium","code":"A"})"));
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), ::testing::IsSupersetOf({"spec.size", "spec.mode", "spec.code"}));
}

TEST_P(Conformance, AnIntegerOrStringTakesBoth) {
  EXPECT_EQ(MakeGear("a", R"({"port":80})").At("/spec/port"), "80");
  EXPECT_EQ(MakeGear("b", R"({"port":"http"})").At("/spec/port"), "http");
}

TEST_P(Conformance, ANullIsKeptOnlyWhereItIsAllowed) {
  EXPECT_EQ(MakeGear("a", R"({"maybe":null})").At("/spec/maybe"), "null");
  EXPECT_EQ(MakeGear("b", R"({"mode":null})").At("/spec/mode"), "slow")
      << "a null without nullable gives way to the default";
  const Answer pruned = Post(Gears(), GearJson("c", R"({"note":null})"));
  EXPECT_STATUS(pruned, 201);
  EXPECT_EQ(pruned.At("/spec/note"), "") << "and is dropped where there is none";
}

TEST_P(Conformance, AListMapRefusesTheSameKeyTwice) {
  const Answer made = Post(Gears(), GearJson("a", R"({"parts":[{"name":"p"},{"name":"p"}]})"));
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.fields(), Contains("spec.parts[1]"));
  EXPECT_THAT(made.Each("/details/causes", "/reason"), Contains("FieldValueDuplicate"));
}

TEST_P(Conformance, AnUpdateIsValidatedLikeACreate) {
  MakeGear("a", R"({"size":1})");
  EXPECT_STATUS(Merge(GearPath("a"), R"({"spec":{"size":101}})"), 422);
  EXPECT_STATUS(JsonPatch(GearPath("a"), R"([{"op":"add","path":"/spec/mode","value":"medium"}])"), 422);
  EXPECT_EQ(Get(GearPath("a")).At("/spec/size"), "1");
}

TEST_P(Conformance, NumbersKeepTheirValue) {
  EXPECT_EQ(MakeGear("a", R"({"ratio":0.1,"raw":{"big":9007199254740993,"neg":-9223372036854775808}})")
                .At("/spec/ratio"),
            "0.1");
  const Answer got = Get(GearPath("a"));
  EXPECT_EQ(got.At("/spec/raw/big"), "9007199254740993");
  EXPECT_EQ(got.At("/spec/raw/neg"), "-9223372036854775808");
}

TEST_P(Conformance, StringsKeepEveryCharacter) {
  MakeGear(
      "a",
      "{\"raw\":{\"s\":\"tab\\t nl\\n quote\\\" back\\\\ \\u0001 \xC3\xA9 \xF0\x9F\x98\x80 <&> \\u2028\"}}");
  EXPECT_EQ(Get(GearPath("a")).At("/spec/raw/s"),
            "tab\t nl\n quote\" back\\ \x01 \xC3\xA9 \xF0\x9F\x98\x80 <&> \xE2\x80\xA8");
}

// Whether the server keeps CEL rules; an old one drops them from the definition.
bool KeepsRules(const Answer& definition) {
  return definition.body.find("x-kubernetes-validations") != std::string::npos;
}

constexpr const char* kRuled =
    R"("size":{"type":"integer"},"limit":{"type":"integer"},"region":{"type":"string"})";
constexpr const char* kRules = R"json("x-kubernetes-validations":[
  {"rule":"!has(self.limit) || !has(self.size) || self.size <= self.limit","message":"size must not exceed limit"},
  {"rule":"has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region)",
   "message":"region cannot be changed"}])json";

TEST_P(Conformance, ACelRuleRefusesWhatItForbids) {
  KindOptions options;
  options.spec_schema = kRuled;
  options.spec_extra = kRules;
  const kube::Kind kind = MakeKind(options);
  const std::string path = kube::PathOf(kind, Namespace());
  const Answer made = Post(path, Object(kind, "a", R"({"size":5,"limit":3})"));
  if (!KeepsRules(SendToCrds("GET", CrdPath(kind.resource())))) {
    EXPECT_STATUS(made, 201);
    return Lacks("CEL rules");
  }
  EXPECT_STATUS(made, 422);
  EXPECT_THAT(made.message(), HasSubstr("size must not exceed limit"));
  EXPECT_THAT(made.fields(), Contains("spec"));
  EXPECT_STATUS(Post(path, Object(kind, "a", R"({"size":3,"limit":3})")), 201);
}

TEST_P(Conformance, ACelTransitionRuleKeepsAFieldFromChanging) {
  KindOptions options;
  options.spec_schema = kRuled;
  options.spec_extra = kRules;
  const kube::Kind kind = MakeKind(options);
  const std::string path = kube::PathOf(kind, Namespace(), "a");
  ASSERT_STATUS(Post(kube::PathOf(kind, Namespace()), Object(kind, "a", R"({"region":"x"})")), 201);
  const Answer changed = Merge(path, R"({"spec":{"region":"y"}})");
  if (!KeepsRules(SendToCrds("GET", CrdPath(kind.resource())))) {
    EXPECT_STATUS(changed, 200);
    return Lacks("CEL rules");
  }
  EXPECT_STATUS(changed, 422);
  EXPECT_THAT(changed.message(), HasSubstr("region cannot be changed"));
  EXPECT_STATUS(Merge(path, R"({"spec":{"region":null}})"), 422) << "nor removed, to be added again";
  EXPECT_STATUS(Merge(path, R"({"spec":{"size":1}})"), 200) << "other fields may";
}

TEST_P(Conformance, ACelRuleThatDoesNotCompileIsRefusedWithItsDefinition) {
  for (const char* rule : {"self.nothere == 1", "self.size +", "self.size == 'text'", "self.size"}) {
    KindOptions options;
    options.spec_schema = kRuled;
    options.spec_extra = std::string(R"("x-kubernetes-validations":[{"rule":")") + rule + "\"}]";
    kube::Kind kind;
    const Answer made = SendToCrds("POST", CrdPath(), Definition(options, kind), Json());
    if (made.status == 201) {
      DeleteKind(kind);
      EXPECT_FALSE(KeepsRules(made)) << rule;
      return Lacks("CEL rules");
    }
    EXPECT_STATUS(made, 422) << rule;
  }
}

TEST_P(Conformance, StrictFieldValidationRefusesUnknownFields) {
  const Answer made = Post(Gears() + "?fieldValidation=Strict", GearJson("a", R"({"unknown":1})"));
  if (made.status == 201) {
    EXPECT_EQ(made.At("/spec/unknown"), "");
    return Lacks("field validation");
  }
  EXPECT_STATUS(made, 400);
  EXPECT_THAT(made.message(), HasSubstr("unknown field \"spec.unknown\""));
  const Answer twice = Post(Gears() + "?fieldValidation=Strict", GearJson("a", R"({"size":1,"size":2})"));
  EXPECT_STATUS(twice, 400);
  EXPECT_THAT(twice.message(), HasSubstr("duplicate field \"spec.size\""));
  EXPECT_STATUS(Post(Gears() + "?fieldValidation=Strict", GearJson("a", R"({"size":1})")), 201);
}

TEST_P(Conformance, WarningFieldValidationNamesUnknownFieldsInAHeader) {
  const Answer made = Post(Gears() + "?fieldValidation=Warn", GearJson("a", R"({"unknown":1})"));
  EXPECT_STATUS(made, 201);
  const auto warning = made.headers.Get("Warning");
  if (!warning) return Lacks("field validation");
  EXPECT_THAT(std::string(*warning), ::testing::StartsWith("299 - "));
  EXPECT_THAT(std::string(*warning), HasSubstr("unknown field"));
  EXPECT_EQ(
      Post(Gears() + "?fieldValidation=Ignore", GearJson("b", R"({"unknown":1})")).headers.Get("Warning"),
      std::nullopt);
}

TEST_P(Conformance, WholeNumbersBeyond64BitsAreNumbersButNotIntegers) {
  // As text, because JSON readers with 64-bit integers do not accept it as a whole number.
  const auto ratio = [](const Answer& answer) {
    const std::size_t at = answer.body.find(R"("ratio":)");
    return at == std::string::npos ? 0 : std::stod(answer.body.substr(at + 8));
  };
  const Answer made = Post(Gears(), GearJson("a", R"({"ratio":100000000000000000000})"));
  EXPECT_STATUS(made, 201);
  EXPECT_EQ(ratio(made), 1e20);
  EXPECT_EQ(ratio(Merge(GearPath("a"), R"({"spec":{"ratio":-9223372036854775809}})")),
            -9223372036854775808.0);
  for (const char* number : {"100000000000000000000", "9223372036854775808", "-9223372036854775809"}) {
    const Answer whole = Post(Gears(), GearJson("b", std::string(R"({"size":)") + number + "}"));
    EXPECT_STATUS(whole, 422);
    EXPECT_THAT(whole.fields(), Contains("spec.size"));
  }
  EXPECT_STATUS(Post(Gears(), GearJson("b", R"({"ratio":1e400})")), 400);
}

// The text after "n":, because JSON readers differ beyond 64 bits.
std::string NumberIn(const Answer& answer) {
  const std::size_t at = answer.body.find(R"("raw":{"n":)");
  return at == std::string::npos ? "" : answer.body.substr(at + 11, answer.body.find('}', at) - at - 11);
}

TEST_P(Conformance, NumbersAreShownInOneFormHoweverTheyWereWritten) {
  struct Case {
    std::string given, shown;
  };
  for (const auto& [given, shown] : std::vector<Case>{
           {"9223372036854775807", "9223372036854775807"},
           {"9223372036854775808", "9223372036854776000"},
           {"18446744073709551615", "18446744073709552000"},
           {"18446744073709551616", "18446744073709552000"},
           {"-9223372036854775809", "-9223372036854776000"},
           {"100000000000000000000", "100000000000000000000"},
           {"123456789012345678901234567890", "1.2345678901234568e+29"},
           {"1e30", "1e+30"},
           {"1e21", "1e+21"},
           {"1e-7", "1e-7"},
           {"0.000001", "0.000001"},
           {"1.0", "1"},
           {"0.1e1", "1"},
           {"1E5", "100000"},
           {"-0", "0"},
           {"-0.0", "0"},
           {"12345678.9", "12345678.9"},
           {"5e-324", "5e-324"},
           {"1e-400", "0"},
       }) {
    const std::string spec = R"({"raw":{"n":)" + given + "}}";
    EXPECT_EQ(NumberIn(MakeGear("made", spec)), shown) << given;
    EXPECT_EQ(NumberIn(Get(GearPath("made"))), shown) << given;
    Delete(GearPath("made"));
    MakeGear("a");
    EXPECT_EQ(NumberIn(Merge(GearPath("a"), R"({"spec":)" + spec + "}")), shown) << "merge patch " << given;
    Merge(GearPath("a"), R"({"spec":{"raw":null}})");
    EXPECT_EQ(NumberIn(JsonPatch(GearPath("a"), R"([{"op":"add","path":"/spec","value":)" + spec + "}]")),
              shown)
        << "JSON patch " << given;
    EXPECT_EQ(NumberIn(Merge(GearPath("a"), R"({"metadata":{"labels":{"other":"change"}}})")), shown)
        << given;
    EXPECT_EQ(NumberIn(Apply(GearPath("b"), "m", GearJson("b", spec))), shown) << "apply " << given;
    EXPECT_EQ(NumberIn(Apply(GearPath("b"), "m", GearJson("b", spec))), shown) << "apply again " << given;
    Delete(GearPath("a"));
    Delete(GearPath("b"));
  }
}

}  // namespace
}  // namespace capstan::conformance
