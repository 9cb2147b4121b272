#include <capstan/local/apiserver/table/printer.hpp>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/parse_testing.hpp>

namespace capstan::apiserver {
namespace {

constexpr double kNow = 1'700'000'000;  // 2023-11-14T22:13:20Z

std::string FirstCells(const TablePrinter& printer, std::string_view object) {
  const auto table = printer.Table({Parse(object)}, {}, IncludeObject::kNone, kNow);
  return json::ToText(
      json::Tree(json::ArrayIn(json::AsObject(json::ArrayIn(table, "rows")->get(0)), "cells")));
}

TEST(HumanAge, FormatsAgesAsKubectlDoes) {
  const std::pair<double, const char*> rows[] = {
      {-5, "<invalid>"},  {-0.5, "0s"},         {0, "0s"},          {119, "119s"},     {120, "2m"},
      {200, "3m20s"},     {600, "10m"},         {10'799, "179m"},   {10'800, "3h"},    {12'000, "3h20m"},
      {28'800, "8h"},     {172'799, "47h"},     {172'800, "2d"},    {176'400, "2d1h"}, {691'200, "8d"},
      {63'072'000, "2y"}, {63'158'400, "2y1d"}, {252'288'000, "8y"}};
  for (const auto& [seconds, said] : rows) EXPECT_EQ(HumanAge(seconds), said) << seconds;
}

TEST(CustomTable, FindsValuesByPathAndType) {
  const auto columns = Parse(R"({"c":[
    {"name":"S","type":"string","jsonPath":".spec.s"},{"name":"I","type":"integer","jsonPath":".spec.i"},
    {"name":"D","type":"date","jsonPath":".metadata.creationTimestamp"},{"name":"Dbad","type":"date","jsonPath":".spec.s"},
    {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
    {"name":"Neg","type":"string","jsonPath":".spec.l[-1]"},{"name":"All","type":"string","jsonPath":".spec.l[*]"},
    {"name":"Obj","type":"string","jsonPath":".spec.o"},{"name":"SI","type":"string","jsonPath":".spec.i"},
    {"name":"IS","type":"integer","jsonPath":".spec.s"},{"name":"Nul","type":"string","jsonPath":".spec.nul"},
    {"name":"Esc","type":"string","jsonPath":".metadata.annotations.a\\.b/c"},{"name":"Q","type":"string","jsonPath":".metadata.annotations['a\\.b/c']"},
    {"name":"Cmp","type":"string","jsonPath":".spec.ll[?(@.v>1)].n"},{"name":"Oob","type":"string","jsonPath":".spec.l[9]"},
    {"name":"Slice","type":"string","jsonPath":".spec.l[1:]"},{"name":"Rec","type":"string","jsonPath":"..z"},{"name":"IN","type":"integer","jsonPath":".spec.n"},
    {"name":"B","type":"boolean","jsonPath":".spec.b","priority":1}]})");
  const auto printer = MakeCustomTable(json::ArrayIn(columns, "c"));
  EXPECT_EQ(
      FirstCells(
          *printer,
          R"({"metadata":{"name":"x","creationTimestamp":"2023-11-14T22:08:20Z","annotations":{"a.b/c":"ann"}},
      "spec":{"s":"str","i":5,"n":1.5,"b":true,"l":["a","b"],"o":{"z":1},"nul":null,"ll":[{"v":1,"n":"one"},{"v":2,"n":"two"}]},
      "status":{"conditions":[{"type":"X","status":"F"},{"type":"Ready","status":"T"}]}})"),
      R"(["x","str",5,"5m","<invalid>","T","b","a","{\"z\":1}","5",null,"<no value>","ann","ann","two",null,"b","1",1,true])");
  const auto table = printer->Table({}, {}, IncludeObject::kMetadata, kNow);
  const auto last = json::AsObject(json::ArrayIn(table, "columnDefinitions")->get(19));
  EXPECT_EQ(json::IntegerIn(last, "priority"), 1);
  EXPECT_EQ(json::StringIn(last, "description"),
            "Custom resource definition column (in JSONPath format): .spec.b");
}

TEST(CustomTable, HasAColumnForAPathOfDotsAlone) {
  const auto columns = Parse(R"({"c":[{"name":"D","type":"integer","jsonPath":"..."}]})");
  EXPECT_EQ(FirstCells(*MakeCustomTable(json::ArrayIn(columns, "c")), R"({"metadata":{"name":"x"}})"),
            R"(["x",null])");
}

TEST(CustomTable, ShowsNameAndAgeByDefault) {
  EXPECT_EQ(FirstCells(*MakeCustomTable({}),
                       R"({"metadata":{"name":"x","creationTimestamp":"2023-11-14T22:13:18+00:00"}})"),
            R"(["x","2s"])");
  EXPECT_EQ(FirstCells(*MakeCustomTable({}),
                       R"({"metadata":{"name":"x","creationTimestamp":"2023-11-15T00:13:18+02:00"}})"),
            R"(["x","2s"])");
}

TEST(CustomTable, IncludesTheRequestedObject) {
  const auto printer = MakeCustomTable({});
  const auto object = Parse(R"({"kind":"K","apiVersion":"g/v1","metadata":{"name":"x"},"spec":{}})");
  const auto row = [&](IncludeObject include) {
    return json::ToText(
        json::AsObject(json::ArrayIn(printer->Table({object}, {}, include, kNow), "rows")->get(0))
            ->get("object"));
  };
  EXPECT_EQ(row(IncludeObject::kNone), "null");
  EXPECT_EQ(row(IncludeObject::kObject),
            R"({"kind":"K","apiVersion":"g/v1","metadata":{"name":"x"},"spec":{}})");
  EXPECT_EQ(row(IncludeObject::kMetadata),
            R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"x"}})");
  EXPECT_EQ(ParseIncludeObject("Everything").error().message,
            R"(unrecognized includeObject value: "Everything")");
}

TEST(CustomTable, RefusesColumnsInKubernetesWords) {
  const auto columns = Parse(
      R"({"c":[{"name":"","type":"","jsonPath":""},{"name":"a","type":"foo","jsonPath":"a","format":"zork"}]})");
  EXPECT_EQ(ToText(CheckPrinterColumns(json::ArrayIn(columns, "c"), "f")),
            "[f[0].name: Required value, f[0].type: Required value: must be one of "
            "boolean,date,integer,number,string, f[0].JSONPath: Required value, "
            "f[1].type: Invalid value: \"foo\": must be one of boolean,date,integer,number,string, "
            "f[1].format: Invalid value: \"zork\": must be one of "
            "byte,date,date-time,double,float,int32,int64,password, "
            "f[1].JSONPath: Invalid value: \"a\": must be a simple json path starting with .]");
}

TEST(BuiltinTable, ShowsTheColumnsThatKubectlUsersKnow) {
  const std::string meta = R"("metadata":{"name":"x","creationTimestamp":"2023-11-14T22:13:15Z"})";
  const auto cells = [&](const char* group, const char* kind, std::string_view rest) {
    return FirstCells(*MakeBuiltinTable(group, kind), StrCat("{", meta, rest.empty() ? "" : ",", rest, "}"));
  };
  EXPECT_EQ(cells("", "Namespace", R"("status":{"phase":"Active"})"), R"(["x","Active","5s"])");
  EXPECT_EQ(cells("", "Secret", R"("type":"Opaque","data":{"a":"","b":""})"), R"(["x","Opaque",2,"5s"])");
  EXPECT_EQ(cells("", "ConfigMap", R"("data":{"a":""},"binaryData":{"b":""})"), R"(["x",2,"5s"])");
  EXPECT_EQ(cells("", "ServiceAccount", R"("secrets":[{"name":"a"}])"), R"(["x",1,"5s"])");
  EXPECT_EQ(cells("coordination.k8s.io", "Lease", R"("spec":{"holderIdentity":"me"})"), R"(["x","me","5s"])");
  EXPECT_EQ(cells("apiextensions.k8s.io", "CustomResourceDefinition", ""), R"(["x","2023-11-14T22:13:15Z"])");
  EXPECT_EQ(
      cells(
          "apps", "Deployment",
          R"("spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"a","image":"i"}]}},"selector":{"matchLabels":{"k":"v"}}},"status":{"readyReplicas":1})"),
      R"(["x","1/3",0,0,"5s","a","i","k=v"])");
  EXPECT_EQ(
      cells("", "Service", R"("spec":{"type":"ExternalName","externalName":"h","ports":[{"port":80}]})"),
      R"(["x","ExternalName","<none>","h","80/TCP","5s","<none>"])");
  EXPECT_EQ(
      cells(
          "rbac.authorization.k8s.io", "RoleBinding",
          R"("roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"s","namespace":"n"}])"),
      R"(["x","Role/r","5s","","","n/s"])");
}

TEST(BuiltinTable, ShowsEventsOfBothGroupsIdentically) {
  const char* core =
      R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Widget","name":"w"},"reason":"R","message":" m ","type":"Normal",
    "source":{"component":"c","host":"h"},"firstTimestamp":"2023-11-14T22:12:20Z","lastTimestamp":"2023-11-14T22:13:19Z","count":4})";
  EXPECT_EQ(FirstCells(*MakeBuiltinTable("", "Event"), core),
            R"(["1s","Normal","R","widget/w","","c, h","m","60s",4,"e"])");
  const char* events =
      R"({"metadata":{"name":"e"},"regarding":{"kind":"Widget","name":"w"},"reason":"R","note":"m","type":"Normal",
    "reportingController":"c","eventTime":"2023-11-14T22:13:10.000000Z"})";
  EXPECT_EQ(FirstCells(*MakeBuiltinTable("events.k8s.io", "Event"), events),
            R"(["10s","Normal","R","widget/w","","c","m","10s",1,"e"])");
}

}  // namespace
}  // namespace capstan::apiserver
