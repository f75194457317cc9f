#include "controller/database/plain_dump_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/artifact.h"
#include "controller/database/copy_statement.h"

namespace controller {
namespace {

constexpr const char* kDump =
    "--\n-- PostgreSQL database dump\n--\n\n\\restrict abcdef\n\n"
    "-- Dumped from database version 15.8\n-- Dumped by pg_dump version 15.9\n\n"
    "SELECT pg_catalog.set_config('search_path', '', false);\n\n"
    "--\n-- Name: t; Type: TABLE; Schema: public; Owner: boss\n--\n\n"
    "CREATE TABLE public.t (\n    a text\n);\n\n\n"
    "--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: boss\n--\n\n"
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$\nCOPY public.x (a) FROM "
    "stdin;\n$$;\n\n"
    "--\n-- Data for Name: 16403; Type: BLOB; Schema: -; Owner: boss\n--\n\n"
    "SELECT pg_catalog.lo_open('16403', 131072);\nSELECT pg_catalog.lowrite(0, '\\x61');\n\n"
    "--\n-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: boss\n--\n\n"
    "COPY public.t (a) FROM stdin;\none\ntwo\n-- PostgreSQL database dump complete\n\\.\n\n\n"
    "--\n-- Data for Name: u; Type: TABLE DATA; Schema: public; Owner: boss\n--\n\n"
    "COPY public.\"u\nv\" (a) FROM stdin;\n\\.\n\n\n"
    "--\n-- Name: s; Type: SEQUENCE SET; Schema: public; Owner: boss\n--\n\n"
    "SELECT pg_catalog.setval('public.s', 5, true);\n\n\n"
    "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abcdef\n\n";

DumpContents read(const std::string& text, std::size_t piece) {
  PlainDumpReader reader;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.feed(std::string_view(text).substr(at, piece));
  }
  return reader.finish();
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

TEST(PlainDumpReader, CountsAndHashesWhateverThePieces) {
  const std::string text = kDump;
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const auto contents = read(text, piece);
    ASSERT_EQ(contents.tables.size(), 2U) << piece;
    EXPECT_EQ(contents.tables[0].name, "t");
    EXPECT_EQ(contents.tables[0].totals.rows, 3U);
    EXPECT_EQ(contents.tables[1].name, "u\nv");
    EXPECT_EQ(contents.large_objects, 1U);
    EXPECT_EQ(contents.server_version, "15.8");
    EXPECT_EQ(contents.dump_version, "15.9");
  }
}

// psql would restore every one of these with exit code 0.
TEST(PlainDumpReader, NoticesACutWhereverItIs) {
  const std::string text = kDump;
  const auto closing = text.rfind("-- PostgreSQL database dump complete\n") +
                       std::string("-- PostgreSQL database dump complete\n").size();
  for (std::size_t length = 0; length < closing; ++length) {
    EXPECT_THROW(read(text.substr(0, length), 61), IntegrityError) << length;
  }
}

TEST(PlainDumpReader, HashesTheSchemaWithoutWhatVaries) {
  const std::string text = kDump;
  const auto expected = read(text, 100).schema_sha256;

  EXPECT_EQ(read(replaced(text, "abcdef", "fedcba"), 100).schema_sha256, expected);
  EXPECT_EQ(read(replaced(text, "one\ntwo", "three"), 100).schema_sha256, expected);
  EXPECT_EQ(read(replaced(text, "5, true", "6, true"), 100).schema_sha256, expected);
  EXPECT_EQ(read(replaced(text, "version 15.", "version 16."), 100).schema_sha256, expected);
  EXPECT_NE(read(replaced(text, "    a text", "    a int"), 100).schema_sha256, expected);
}

TEST(CopyStatement, IsReadWithAllItsQuotes) {
  EXPECT_EQ(parse_copy_statement("COPY public.t (a, b) FROM stdin;\n"),
            (CopyStatement{"public", "t", "(a, b)"}));
  EXPECT_EQ(parse_copy_statement("COPY \"a b\"\"c\".\"x (y) FROM stdin;\" (\"c (1)\") FROM stdin;"),
            (CopyStatement{"a b\"c", "x (y) FROM stdin;", "(\"c (1)\")"}));
  EXPECT_EQ(parse_copy_statement("COPY public.nothing  FROM stdin;"),
            (CopyStatement{"public", "nothing", ""}));
  for (const char* text : {"", "COPY t FROM stdin;", "COPY \"t.x (a) FROM stdin;", "SELECT 1;"}) {
    EXPECT_THROW(parse_copy_statement(text), IntegrityError) << text;
  }
}

TEST(CopyStatement, BecomesTheSameRowsOutOfTheTable) {
  EXPECT_EQ(copy_out_statement({"a\"b", "t", "(x, \"y z\")"}, ""),
            "COPY \"a\"\"b\".\"t\" (x, \"y z\") TO STDOUT");
  EXPECT_EQ(copy_out_statement({"p", "t", "(x)"}, "WHERE x > 5"),
            "COPY (SELECT x FROM \"p\".\"t\" WHERE x > 5) TO STDOUT");
  EXPECT_EQ(copy_out_statement({"p", "t", ""}, ""), "COPY \"p\".\"t\"  TO STDOUT");
}

}  // namespace
}  // namespace controller
