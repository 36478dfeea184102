-- title: Of 50 Nexmark events 1 is a person, 3 are auctions, 46 are bids
-- features: nexmark
-- compare: final

CREATE TABLE nexmark (
  event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, `dateTime` TIMESTAMP(3), extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING>
) WITH ('connector' = 'nexmark', 'events.num' = '200');
SELECT event_type, COUNT(*) AS n, COUNT(person.id) AS persons, COUNT(auction.id) AS auctions, COUNT(bid.price) AS bids FROM nexmark GROUP BY event_type;
