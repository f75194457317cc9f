#include "controller/remote/xml_answer.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(XmlAnswer, HasNamesWithoutTheirNamespaces) {
  const auto tree = parse_xml("<s:A xmlns:s='x'><B>1 &lt; 2</B><s:B>3</s:B></s:A>");

  EXPECT_EQ(tree.name, "A");
  EXPECT_EQ(tree.child("B"), "1 < 2");
  EXPECT_EQ(tree.children.size(), 2U);
}

TEST(XmlAnswer, RefusesWhatBrokeOff) {
  EXPECT_THROW(parse_xml("<A><B>1</B>"), XmlError);
  EXPECT_THROW(parse_xml(""), XmlError);
}

TEST(XmlAnswer, RefusesADoctype) {
  EXPECT_THROW(parse_xml("<!DOCTYPE A [<!ENTITY e 'x'>]><A>&e;</A>"), XmlError);
}

TEST(XmlAnswer, RefusesWhatIsTooDeep) {
  std::string text;
  for (int i = 0; i < 17; ++i) {
    text = "<A>" + text + "</A>";
  }

  EXPECT_THROW(parse_xml(text), XmlError);
}

}  // namespace
}  // namespace controller
